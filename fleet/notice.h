// What a node tells the people who run it: one sentence about one release, with a code where something is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fleet/hash.h"
#include "support/diagnostic.h"

namespace writ::fleet {

enum class NoticeKind : std::uint8_t {
  kActivated,     // it answers
  kProved,        // it answered long enough: the node would start from it
  kHeld,          // it waits for a local operator
  kRefused,       // it will not answer
  kRolledBack,    // it answered, and the one before it does again
  kEquivocation,  // there are two releases with one sequence
  kSilence,       // the source has not answered for long
  kHeardAgain,
  kExpired,  // what runs is past its time, and nothing later came
  kTrouble,  // the source, the disk: no release is to blame
};

/// "rolled back"
[[nodiscard]] std::string_view spelling(NoticeKind kind);

struct Notice {
  NoticeKind kind{};
  std::uint64_t sequence = 0;         // 0: of no release, or of bytes that are none
  Hash release{};                     // of bytes that are no release: theirs
  std::optional<support::Code> code;  // what is wrong
  std::string message;                // one sentence
};

}  // namespace writ::fleet

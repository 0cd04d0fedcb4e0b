// JSON to the argument words of a slot, guided by the schema.
//
// In: one JSON object a line; for a slot with one record parameter it is that record, else it has one member a parameter. Out:
// words as runtime/abi.h lays them out, in memory of this reader, or the first place where the text does not fit, by field path.
// null is absent; times, durations, addresses and enumerators are strings as the language writes them; numbers must fit
// exactly. Fields that the schema lacks are skipped and counted. Declared bounds are not checked here: reading a value does.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ir/program.h"

namespace writ::host {

struct Mismatch {
  bool syntax = false;  // not JSON, or beyond what we read of it
  std::string path;     // "req.user.groups[2]"; empty: the line as a whole
  std::string message;  // "expected string, found number"

  /// "req.status: expected int, found string"
  [[nodiscard]] std::string text() const { return path.empty() ? message : path + ": " + message; }
};

/// What the one object of a line is.
enum class InputShape : std::uint8_t {
  kSlot,       // the record, where there is one parameter and it is a record; else one member a parameter
  kVariables,  // one member a parameter, always
};

class InputReader {
 public:
  /// Borrows the program and the parameters.
  InputReader(const ir::Program& program, std::span<const ir::Local> parameters, InputShape shape = InputShape::kSlot);
  InputReader(InputReader&&) noexcept;
  ~InputReader();

  /// The arguments' words one after another; they and all behind them stay valid until the next call.
  [[nodiscard]] std::expected<std::span<const std::uint64_t>, Mismatch> read(std::string_view json);

  /// Fields that the schema lacks, of all lines so far.
  [[nodiscard]] std::int64_t skipped_fields() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace writ::host

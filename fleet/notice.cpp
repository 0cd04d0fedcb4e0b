#include "fleet/notice.h"

#include "support/check.h"

namespace writ::fleet {

std::string_view spelling(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::kActivated:
      return "activated";
    case NoticeKind::kProved:
      return "proved";
    case NoticeKind::kHeld:
      return "held";
    case NoticeKind::kRefused:
      return "refused";
    case NoticeKind::kRolledBack:
      return "rolled back";
    case NoticeKind::kEquivocation:
      return "equivocation";
    case NoticeKind::kSilence:
      return "silence";
    case NoticeKind::kHeardAgain:
      return "heard again";
    case NoticeKind::kExpired:
      return "expired";
    case NoticeKind::kTrouble:
      return "trouble";
  }
  WRIT_UNREACHABLE();
}

}  // namespace writ::fleet

// The one table of exit statuses, for every command.
#pragma once

namespace writ::tools {

enum class ExitStatus : int {
  kYes = 0,
  kNo = 1,        // what a text says is wrong: findings, failed or missing tests, input that does not fit
  kUsage = 2,     // the command line is wrong
  kTrapped = 3,   // the policy trapped
  kCouldNot = 4,  // a file cannot be read or written, native code is not to be had
  kRefused = 5,   // a signature does not hold, or a release is not to be trusted here
  kBug = 70,      // a bug in writ
};

}  // namespace writ::tools

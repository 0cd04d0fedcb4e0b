// The modules of built-ins, in the order in which builtin.cpp joins them. A module is one .cpp file with its rows.
#pragma once

#include <span>

#include "stdlib/builtin.h"

namespace writ::stdlib {

[[nodiscard]] std::span<const Builtin> string_rows();
[[nodiscard]] std::span<const Builtin> bytes_rows();
[[nodiscard]] std::span<const Builtin> list_rows();
[[nodiscard]] std::span<const Builtin> net_rows();
[[nodiscard]] std::span<const Builtin> time_rows();
[[nodiscard]] std::span<const Builtin> convert_rows();
[[nodiscard]] std::span<const Builtin> format_rows();
[[nodiscard]] std::span<const Builtin> share_rows();
[[nodiscard]] std::span<const Builtin> math_rows();
[[nodiscard]] std::span<const Builtin> regex_rows();
[[nodiscard]] std::span<const Builtin> glob_rows();
[[nodiscard]] std::span<const Builtin> version_rows();

}  // namespace writ::stdlib

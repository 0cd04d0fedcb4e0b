#include "frontend/config_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "frontend/lexical.h"
#include "ir/value.h"
#include "stdlib/net.h"
#include "stdlib/time.h"
#include "support/base64.h"
#include "support/limits.h"

namespace writ::frontend {
namespace {

using document::Node;
using ir::Kind;
using support::Code;
using support::Diagnostic;

// ---- numbers -----------------------------------------------------------------------------------

std::optional<std::int64_t> exact_int(const document::Integer& number) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (number.magnitude > kMost + (number.negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(number.negative ? 0 - number.magnitude : number.magnitude);
}

// An integral double as a whole number.
std::optional<document::Integer> exact_integer(double number) {
  constexpr double kTwo64 = 18446744073709551616.0;
  const double magnitude = std::fabs(number);
  if (!(magnitude < kTwo64) || std::trunc(magnitude) != magnitude) return std::nullopt;
  return document::Integer{number < 0, static_cast<std::uint64_t>(magnitude)};
}

std::optional<double> exact_double(const document::Integer& number) {
  const auto value = static_cast<double>(number.magnitude);
  const auto back = exact_integer(value);
  if (!back || back->magnitude != number.magnitude) return std::nullopt;
  return number.negative ? -value : value;
}

std::optional<ir::Value> from_integer(const document::Integer& number, Kind kind) {
  if (kind == Kind::kInt) {
    if (const auto value = exact_int(number)) return ir::Value{*value};
  } else if (kind == Kind::kUint) {
    if (!number.negative || number.magnitude == 0) return ir::Value{ir::UintValue{number.magnitude}};
  } else if (kind == Kind::kDouble) {
    if (const auto value = exact_double(number)) return ir::Value{*value};
  }
  return std::nullopt;
}

std::optional<ir::Value> from_double(double number, Kind kind) {
  if (kind == Kind::kDouble) return ir::Value{number};
  const auto whole = exact_integer(number);
  return whole ? from_integer(*whole, kind) : std::nullopt;
}

// A number literal in a string: `64MiB`, `-1_000`, `7u`, `0.5`.
std::optional<ir::Value> number_from_text(std::string_view text, Kind kind) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  const auto number = decode_number(text);
  if (!number) return std::nullopt;
  if (const auto* whole = std::get_if<IntValue>(&*number)) {
    if (whole->is_uint && kind != Kind::kUint) return std::nullopt;
    return from_integer({negative, whole->magnitude}, kind);
  }
  if (const auto* real = std::get_if<double>(&*number)) return from_double(negative ? -*real : *real, kind);
  return std::nullopt;
}

template <typename T>
std::optional<ir::Value> as_value(const std::optional<T>& value) {
  if (!value) return std::nullopt;
  return ir::Value{*value};
}

/// The value that `text` spells as a literal of this scalar type.
std::optional<ir::Value> from_text(std::string_view text, const ir::Type& type, const ir::Types& types) {
  switch (type.kind) {
    case Kind::kBool:
      if (text == "true" || text == "false") return ir::Value{text == "true"};
      return std::nullopt;
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
      return number_from_text(text, type.kind);
    case Kind::kString:
      return ir::Value{std::string(text)};
    case Kind::kBytes:
      return as_value(support::decode_base64(text));
    case Kind::kTimestamp:
      return as_value(stdlib::parse_timestamp(text));
    case Kind::kDuration:
      return as_value(stdlib::parse_duration(text));
    case Kind::kIp:
      return as_value(stdlib::parse_ip(text));
    case Kind::kCidr:
      return as_value(stdlib::parse_cidr(text));
    case Kind::kEnum: {
      const ir::EnumType& enumeration = types.enum_type(type.decl);
      const std::string prefix = enumeration.name + ".";
      if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
      const auto number = enumeration.enumerator(text);
      return number ? std::optional(ir::Value{ir::EnumValue{*number}}) : std::nullopt;
    }
    case Kind::kRecord:
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
    case Kind::kOptional:
      return std::nullopt;
  }
  return std::nullopt;
}

// ---- bounds ------------------------------------------------------------------------------------

template <typename T>
bool inside(T value, const ir::Bound& bound, T (*number)(std::int64_t)) {
  return (!bound.low || value >= number(*bound.low)) && (!bound.high || value <= number(*bound.high));
}

bool in_bound(const ir::Value& value, const ir::Bound& bound) {
  if (bound.empty()) return true;
  constexpr auto kAsInt = [](std::int64_t bits) { return bits; };
  return std::visit(
      [&]<typename T>(const T& node) {
        if constexpr (std::is_same_v<T, std::int64_t>) {
          return inside<std::int64_t>(node, bound, kAsInt);
        } else if constexpr (std::is_same_v<T, ir::UintValue>) {
          return inside<std::uint64_t>(node.value, bound,
                                       [](std::int64_t bits) { return static_cast<std::uint64_t>(bits); });
        } else if constexpr (std::is_same_v<T, double>) {
          return inside<double>(node, bound, [](std::int64_t bits) { return std::bit_cast<double>(bits); });
        } else if constexpr (std::is_same_v<T, std::string>) {
          return inside<std::int64_t>(static_cast<std::int64_t>(node.size()), bound, kAsInt);
        } else if constexpr (std::is_same_v<T, ir::Sequence> || std::is_same_v<T, ir::Entries>) {
          return inside<std::int64_t>(static_cast<std::int64_t>(node.items.size()), bound, kAsInt);
        } else {
          return true;
        }
      },
      value.node);
}

// ---- messages ----------------------------------------------------------------------------------

/// A number, true, false or null: what a notation takes for a text only in quotes.
bool is_plain_scalar(const Node& node) {
  return std::holds_alternative<document::Integer>(node.value) || std::holds_alternative<double>(node.value) ||
         std::holds_alternative<bool>(node.value) || std::holds_alternative<document::Absent>(node.value);
}

std::string describe(const Node& node, std::string_view written) {
  struct Describe {
    std::string_view written;
    std::string operator()(bool) const { return std::string(written); }
    std::string operator()(const document::Integer&) const { return fmt::format("the number {}", written); }
    std::string operator()(double) const { return fmt::format("the number {}", written); }
    std::string operator()(const std::string&) const { return "this text"; }
    std::string operator()(const document::Typed& typed) const {
      switch (typed.kind) {
        case Kind::kTimestamp:
          return "a timestamp";
        case Kind::kDuration:
          return "a duration";
        case Kind::kIp:
          return "an ip";
        case Kind::kCidr:
          return "a cidr";
        case Kind::kUint:
          return "a uint";
        default:
          return "bytes";
      }
    }
    std::string operator()(const document::Word& word) const { return fmt::format("the word {}", word.text); }
    std::string operator()(const document::Unread&) const { return "this text"; }
    std::string operator()(const document::Cell&) const { return "this text"; }
    std::string operator()(const document::Absent&) const { return written.empty() ? "null" : std::string(written); }
    std::string operator()(const document::Array&) const { return "a list"; }
    std::string operator()(const document::Pairs&) const { return "a map"; }
    std::string operator()(const document::Table& table) const {
      return table.record.empty() ? "a table" : fmt::format("a {}", table.record);
    }
  };
  return std::visit(Describe{written}, node.value);
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

std::optional<std::string_view> text_of(const Node& node) {
  if (const auto* text = std::get_if<std::string>(&node.value)) return *text;
  if (const auto* word = std::get_if<document::Word>(&node.value)) return word->text;
  if (const auto* unread = std::get_if<document::Unread>(&node.value)) return unread->text;
  if (const auto* cell = std::get_if<document::Cell>(&node.value)) return cell->text;
  return std::nullopt;
}

/// Names a part of the knob's value in messages while it lives: `house.plans[2].rate`.
class Part {
 public:
  Part(std::string& subject, const std::string& name) : subject_(subject), size_(subject.size()) { subject_ += name; }
  ~Part() { subject_.resize(size_); }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

 private:
  std::string& subject_;
  std::size_t size_;
};

// The fields of the record that `base` is, if it is one.
const std::vector<ir::Value>* fields_of(const ir::Value* base) {
  const auto* fields = base != nullptr ? std::get_if<ir::Sequence>(&base->node) : nullptr;
  return fields != nullptr ? &fields->items : nullptr;
}

}  // namespace

std::optional<ir::Value> plain_value(std::string_view text, ir::TypeId type_id, const ir::Types& types) {
  const ir::Type& type = types[types.inner(type_id)];
  const bool quoted =
      text.starts_with('"') || text.starts_with('\'') || text.starts_with("r\"") || text.starts_with("r'");
  return type.kind == Kind::kString && quoted ? std::nullopt : from_text(text, type, types);
}

void report_unknown_key(support::Diagnostics& diagnostics, const document::Member& member, std::string message,
                        const std::vector<std::string_view>& known) {
  Diagnostic& error = diagnostics.error(Code::kUnknownKey, member.key_span, std::move(message));
  // What is over the limit is not shown, so nobody looks for its neighbours.
  if (diagnostics.suppressed() != 0) return;
  const auto likely = support::nearest(member.key, known);
  if (!likely) return;
  error.help = fmt::format("did you mean `{}`?", *likely);
  error.fix = support::Fix{member.key_span, std::string(*likely)};
}

// ---- reading -----------------------------------------------------------------------------------

std::optional<ir::Value> ConfigValueReader::read(const Node& node, ir::TypeId type, const ir::Value* base) {
  auto value = read_unbounded(node, type, base);
  if (value && !in_bound(*value, program_.types[type].bound)) {
    diagnostics_.error(Code::kConfigOutOfBounds, node.span,
                       fmt::format("`{}` lies outside the bounds of {}", subject_, program_.types.text(type)));
    return std::nullopt;
  }
  return value;
}

std::optional<ir::Value> ConfigValueReader::read_unbounded(const Node& node, ir::TypeId type_id,
                                                           const ir::Value* base) {
  const ir::Type& type = program_.types[type_id];
  if (type.kind == Kind::kOptional) {
    const auto* unread = std::get_if<document::Unread>(&node.value);
    if (std::holds_alternative<document::Absent>(node.value) || (unread != nullptr && unread->text == "absent")) {
      return ir::Value{ir::AbsentValue{}};
    }
    return read(node, type.first, base);
  }
  if (const auto* unread = std::get_if<document::Unread>(&node.value)) return read_unread(*unread, node, type_id, base);
  if (const auto* cell = std::get_if<document::Cell>(&node.value)) return read_cell(*cell, node, type_id);
  switch (type.kind) {
    case Kind::kList:
      return read_list(node, type, type_id);
    case Kind::kSet:
      return read_set(node, type, type_id);
    case Kind::kMap:
      return read_map(node, type, type_id);
    case Kind::kRecord:
      return read_record(node, type_id, base);
    default:
      break;
  }
  Result value;
  if (const auto* typed = std::get_if<document::Typed>(&node.value)) {
    if (typed->kind == type.kind) value = typed->value;
  } else if (const auto* number = std::get_if<document::Integer>(&node.value)) {
    value = from_integer(*number, type.kind);
  } else if (const auto* real = std::get_if<double>(&node.value)) {
    value = from_double(*real, type.kind);
  } else if (const auto* flag = std::get_if<bool>(&node.value)) {
    if (type.kind == Kind::kBool) value = ir::Value{*flag};
  } else if (const auto* text = std::get_if<std::string>(&node.value)) {
    value = from_text(*text, type, program_.types);
  } else if (const auto* word = std::get_if<document::Word>(&node.value); word != nullptr && type.kind == Kind::kEnum) {
    value = from_text(word->text, type, program_.types);
  }
  return value ? value : mismatch(node, type_id);
}

// `--set` takes a text without quotes where it can only mean one thing, and else a Writ expression.
std::optional<ir::Value> ConfigValueReader::read_unread(const document::Unread& unread, const Node& node,
                                                        ir::TypeId type_id, const ir::Value* base) {
  if (auto value = plain_value(unread.text, type_id, program_.types)) return value;
  if (program_.types.kind(type_id) > Kind::kEnum) {
    const auto literal = document::read_expression(source_, node.span, unread.text, diagnostics_);
    return literal ? read_unbounded(*literal, type_id, base) : std::nullopt;
  }
  // Of a scalar the type says what to write; why the text is no expression does not help.
  support::Diagnostics found;
  const auto literal = document::read_expression(source_, node.span, unread.text, found);
  if (literal) return read_unbounded(*literal, type_id, base);
  for (Diagnostic& error : found.sorted()) {
    if (error.code != Code::kConfigMismatch) continue;  // an expression, and not of a constant
    diagnostics_.add(std::move(error));
    return std::nullopt;
  }
  return mismatch(node, type_id);
}

// A cell is a text as it stands, or what this text spells; of a collection or a record a Writ expression.
std::optional<ir::Value> ConfigValueReader::read_cell(const document::Cell& cell, const Node& node,
                                                      ir::TypeId type_id) {
  const ir::Type& type = program_.types[type_id];
  if (type.kind <= Kind::kEnum) {
    auto value = from_text(cell.text, type, program_.types);
    return value ? value : mismatch(node, type_id);
  }
  const auto literal = document::read_expression(source_, node.span, cell.text, diagnostics_);
  return literal ? read_unbounded(*literal, type_id, nullptr) : std::nullopt;
}

// ---- collections -------------------------------------------------------------------------------

std::optional<ir::Value> ConfigValueReader::read_list(const Node& node, const ir::Type& type, ir::TypeId type_id) {
  const auto* array = std::get_if<document::Array>(&node.value);
  if (array == nullptr) return mismatch(node, type_id);
  ir::Sequence out;
  bool good = true;
  for (const Node& item : array->items) {
    const Part part(subject_, fmt::format("[{}]", &item - array->items.data()));
    auto value = read(item, type.first, nullptr);
    good &= value.has_value();
    if (good) out.items.push_back(std::move(*value));
  }
  return good ? Result(ir::Value{std::move(out)}) : std::nullopt;
}

namespace {

// A key with its value (none in a set) and where it stands, to sort and to point at.
struct PlacedEntry {
  ir::Value key;
  ir::Value value;
  support::Span span;
};

/// Sorts by key; reports keys that are there twice.
bool sort_entries(std::vector<PlacedEntry>& entries, const std::string& subject, support::Diagnostics& diagnostics) {
  std::ranges::sort(entries, [](const PlacedEntry& a, const PlacedEntry& b) {
    const auto order = key_order(a.key, b.key);
    return order != 0 ? order < 0 : a.span.begin < b.span.begin;
  });
  bool unique = true;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (key_order(entries[i - 1].key, entries[i].key) != 0) continue;
    unique = false;
    diagnostics.error(Code::kDuplicateEntry, entries[i].span, fmt::format("`{}` holds this twice", subject))
        .labels.push_back({entries[i - 1].span, "it stands here too"});
  }
  return unique;
}

}  // namespace

std::optional<ir::Value> ConfigValueReader::read_set(const Node& node, const ir::Type& type, ir::TypeId type_id) {
  const auto* pairs = std::get_if<document::Pairs>(&node.value);
  if (pairs != nullptr && pairs->items.empty()) return ir::Value{ir::Sequence{}};  // `{}`
  const auto* array = std::get_if<document::Array>(&node.value);
  if (array == nullptr) return mismatch(node, type_id);
  std::vector<PlacedEntry> entries;
  bool good = true;
  for (const Node& item : array->items) {
    const Part part(subject_, fmt::format("[{}]", &item - array->items.data()));
    auto value = read(item, type.first, nullptr);
    good &= value.has_value();
    if (good) entries.push_back({std::move(*value), {}, item.span});
  }
  if (!good || !sort_entries(entries, subject_, diagnostics_)) return std::nullopt;
  ir::Sequence out;
  for (PlacedEntry& entry : entries) out.items.push_back(std::move(entry.key));
  return ir::Value{std::move(out)};
}

std::optional<ir::Value> ConfigValueReader::read_map(const Node& node, const ir::Type& type, ir::TypeId type_id) {
  std::vector<PlacedEntry> entries;
  bool good = true;
  const auto add = [&](const Node& key, const Node& value) {
    auto key_value = read(key, type.first, nullptr);
    const Part part(subject_, fmt::format("[{}]", source_.text(key.span)));
    auto mapped = read(value, type.second, nullptr);
    good &= key_value.has_value() && mapped.has_value();
    if (good) entries.push_back({std::move(*key_value), std::move(*mapped), key.span});
  };
  const auto* table = std::get_if<document::Table>(&node.value);
  if (table != nullptr && table->record.empty()) {
    for (const document::Member& member : table->members) add({member.key_span, member.key}, member.value);
  } else if (const auto* pairs = std::get_if<document::Pairs>(&node.value)) {
    for (const document::Pair& pair : pairs->items) add(pair.key, pair.value);
  } else {
    return mismatch(node, type_id);
  }
  if (!good || !sort_entries(entries, subject_, diagnostics_)) return std::nullopt;
  ir::Entries out;
  for (PlacedEntry& entry : entries) out.items.push_back({std::move(entry.key), std::move(entry.value)});
  return ir::Value{std::move(out)};
}

// ---- records -----------------------------------------------------------------------------------

namespace {

bool is_empty_cell(const Node& node) {
  const auto* cell = std::get_if<document::Cell>(&node.value);
  return cell != nullptr && cell->text.empty();
}

}  // namespace

bool ConfigValueReader::may_be_left_out(const ir::Field& field) const {
  return field.initial || program_.types.kind(field.type) == Kind::kOptional;
}

std::optional<ir::Value> ConfigValueReader::read_record(const Node& node, ir::TypeId type, const ir::Value* base) {
  const ir::RecordType& record = program_.types.record_type(program_.types[type].decl);
  const auto* table = std::get_if<document::Table>(&node.value);
  if (table == nullptr || (!table->record.empty() && table->record != record.name)) return mismatch(node, type);
  const auto* base_fields = fields_of(base);
  std::vector<Result> fields(record.fields.size());
  std::vector<bool> given(record.fields.size());
  bool good = true;
  for (const document::Member& member : table->members) {
    const auto index = record.field(member.key);
    if (!index) {
      std::vector<std::string_view> known;
      known.reserve(record.fields.size());
      for (const ir::Field& field : record.fields) known.push_back(field.name);
      report_unknown_key(diagnostics_, member, fmt::format("{} has no field `{}`", record.name, member.key), known);
      good = false;
      continue;
    }
    if (is_empty_cell(member.value) && may_be_left_out(record.fields[*index])) continue;
    if (given[*index]) {
      diagnostics_.error(Code::kDuplicateEntry, member.key_span, fmt::format("`{}` is given twice", member.key));
    }
    good &= !given[*index];
    given[*index] = true;
    const Part part(subject_, "." + member.key);
    const ir::Value* const before = base_fields != nullptr ? &(*base_fields)[*index] : nullptr;
    fields[*index] = read(member.value, record.fields[*index].type, before);
  }
  ir::Sequence out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!given[i] && !good) break;  // what is missing may be what was misspelled
    if (!given[i]) {
      fields[i] = missing_field(record.fields[i], record, node, base_fields != nullptr ? &(*base_fields)[i] : nullptr);
    }
    good &= fields[i].has_value();
    if (good) out.items.push_back(std::move(*fields[i]));
  }
  return good ? Result(ir::Value{std::move(out)}) : std::nullopt;
}

std::optional<ir::Value> ConfigValueReader::missing_field(const ir::Field& field, const ir::RecordType& record,
                                                          const Node& node, const ir::Value* base) {
  if (base != nullptr) return *base;
  if (field.initial) return program_.constants[*field.initial].value;
  if (program_.types.kind(field.type) == Kind::kOptional) return ir::Value{ir::AbsentValue{}};
  diagnostics_.error(Code::kMissingKey, node.span,
                     fmt::format("{} needs `{}`: {}", record.name, field.name, program_.types.text(field.type)));
  return std::nullopt;
}

// ---- what does not fit -------------------------------------------------------------------------

std::optional<ir::Value> ConfigValueReader::mismatch(const Node& node, ir::TypeId type) {
  Diagnostic& error =
      diagnostics_.error(Code::kConfigMismatch, node.span,
                         fmt::format("`{}` takes {} here, and {} is none", subject_, program_.types.text(type),
                                     describe(node, source_.text(node.span))));
  error.help = help_for(node, type);
  return std::nullopt;
}

std::string ConfigValueReader::help_for(const Node& node, ir::TypeId type) const {
  const std::optional<std::string_view> text = text_of(node);
  switch (program_.types.kind(type)) {
    case Kind::kBool:
      return "write true or false";
    case Kind::kInt:
    case Kind::kUint:
      return text ? "write a whole number: 42, 0xFF or \"64MiB\"" : "";
    case Kind::kDouble:
      return text ? "write a number: 0.5" : "";
    case Kind::kBytes:
      return "write it in base64: \"aGVsbG8=\"";
    case Kind::kIp:
      return "write an address: \"192.0.2.1\"";
    case Kind::kDuration:
      return "write it with its units: \"2h30m\"";
    case Kind::kTimestamp:
      return "write it as RFC 3339: \"2026-01-01T00:00:00Z\"";
    case Kind::kCidr: {
      if (!text) return "";
      if (const auto network = stdlib::parse_cidr(*text, stdlib::HostBits::kClear)) {
        return fmt::format("bits behind the prefix are set; the network is {}", stdlib::format_cidr(*network));
      }
      const auto address = stdlib::parse_ip(*text);
      return address ? fmt::format("the network of one address is {}/{}", *text, stdlib::is_v4(*address) ? 32 : 128)
                     : "";
    }
    case Kind::kEnum: {
      const ir::EnumType& enumeration = program_.types.enum_type(program_.types[type].decl);
      const auto names = views(enumeration.enumerators);
      const auto likely = text ? support::nearest(*text, names) : std::nullopt;
      return likely ? fmt::format("did you mean `{}`?", *likely)
                    : fmt::format("it is one of {}", fmt::join(names, ", "));
    }
    case Kind::kString:
      return text || is_plain_scalar(node) ? "put it in quotes" : "";
    default:
      return "";
  }
}

}  // namespace writ::frontend

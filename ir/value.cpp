#include "ir/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <compare>
#include <functional>
#include <string_view>

#include "stdlib/convert.h"
#include "stdlib/net.h"
#include "stdlib/time.h"
#include "support/base64.h"
#include "support/check.h"
#include "support/diagnostic.h"

namespace writ::ir {
namespace {

// ---- equality ----------------------------------------------------------------------------------

bool equal_items(const std::vector<Value>& a, const std::vector<Value>& b, TypeId element, const Types& types) {
  return std::ranges::equal(a, b, [&](const Value& x, const Value& y) { return equal(x, y, element, types); });
}

bool equal_fields(const std::vector<Value>& a, const std::vector<Value>& b, const RecordType& record,
                  const Types& types) {
  for (std::size_t i = 0; i < record.fields.size(); ++i) {
    if (!equal(a[i], b[i], record.fields[i].type, types)) return false;
  }
  return true;
}

const Value* key_of(const Value* set_element) { return set_element; }
const Value* key_of(const Entry* map_entry) { return &map_entry->key; }

/// The items by ascending key.
template <typename Item>
std::vector<const Item*> sorted(const std::vector<Item>& items) {
  std::vector<const Item*> result;
  result.reserve(items.size());
  for (const Item& item : items) result.push_back(&item);
  std::ranges::sort(result, [](const Item* a, const Item* b) { return key_order(*key_of(a), *key_of(b)) < 0; });
  return result;
}

bool equal_sets(const std::vector<Value>& a, const std::vector<Value>& b, TypeId element, const Types& types) {
  return std::ranges::equal(sorted(a), sorted(b),
                            [&](const Value* x, const Value* y) { return equal(*x, *y, element, types); });
}

bool equal_maps(const Entries& a, const Entries& b, const Type& map, const Types& types) {
  return std::ranges::equal(sorted(a.items), sorted(b.items), [&](const auto* x, const auto* y) {
    return equal(x->key, y->key, map.first, types) && equal(x->value, y->value, map.second, types);
  });
}

// ---- order -------------------------------------------------------------------------------------

std::strong_ordering order(bool a, bool b) { return a <=> b; }
std::strong_ordering order(std::int64_t a, std::int64_t b) { return a <=> b; }
std::strong_ordering order(UintValue a, UintValue b) { return a.value <=> b.value; }
std::strong_ordering order(double a, double b) { return std::strong_order(a, b); }
std::strong_ordering order(const std::string& a, const std::string& b) { return a <=> b; }
std::strong_ordering order(runtime::Ip a, runtime::Ip b) { return a <=> b; }
std::strong_ordering order(const runtime::Cidr& a, const runtime::Cidr& b) {
  const auto networks = a.network <=> b.network;
  return networks != 0 ? networks : a.prefix <=> b.prefix;
}
std::strong_ordering order(EnumValue a, EnumValue b) { return a.number <=> b.number; }
std::strong_ordering order(AbsentValue, AbsentValue) { return std::strong_ordering::equal; }
std::strong_ordering order(const Sequence& a, const Sequence& b) {
  return std::lexicographical_compare_three_way(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(),
                                                key_order);
}
std::strong_ordering order(const Entries& a, const Entries& b) {
  return std::lexicographical_compare_three_way(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(),
                                                [](const auto& x, const auto& y) {
                                                  const auto keys = key_order(x.key, y.key);
                                                  return keys != 0 ? keys : key_order(x.value, y.value);
                                                });
}

// ---- text --------------------------------------------------------------------------------------

std::string quoted_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        result += "\\\"";
        break;
      case '\\':
        result += "\\\\";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\r':
        result += "\\r";
        break;
      case '\t':
        result += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          result += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
          result += c;
        }
    }
  }
  return result + '"';
}

std::string quoted_bytes(std::string_view bytes) {
  std::string result = "b\"";
  for (const char c : bytes) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c >= 0x20 && c < 0x7F) {
      result += c;
    } else {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return result + '"';
}

/// What literal and JSON have in common: how the parts of a collection stand together.
template <typename Items, typename Text>
std::string joined(std::string_view open, const Items& items, std::string_view close, Text text) {
  std::string result(open);
  std::string_view separator;
  for (const auto& item : items) {
    result += separator;
    result += text(item);
    separator = ", ";
  }
  return result += close;
}

/// `name: value` for each field, under how a name and a value are written.
template <typename Name, typename Text>
std::string joined_fields(std::string_view open, const std::vector<Value>& items, const RecordType& record,
                          std::string_view close, Name name, Text text) {
  return joined(open, items, close, [&](const Value& item) {
    const Field& field = record.fields[static_cast<std::size_t>(&item - items.data())];
    return fmt::format("{}: {}", name(field.name), text(item, field.type));
  });
}

/// The shortest text that reads back as the same double, and as no int: `1.0`.
std::string double_text(double value) {
  std::string text = stdlib::format_double(value);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

std::string json_double(double value) {
  const std::string text = double_text(value);
  // JSON has no infinities and no NaN.
  return std::isfinite(value) ? text : support::json_quote(text);
}

/// A key of a JSON object: the text of a string, else what the key prints as, without quotes of its own.
std::string json_key(const Value& key, TypeId type, const Types& types) {
  const std::string text = json_text(key, type, types);
  return text.starts_with('"') ? text : support::json_quote(text);
}

}  // namespace

bool equal(const Value& a, const Value& b, TypeId id, const Types& types) {
  const bool a_absent = std::holds_alternative<AbsentValue>(a.node);
  const bool b_absent = std::holds_alternative<AbsentValue>(b.node);
  if (a_absent || b_absent) return a_absent && b_absent;
  const Type& type = types[id];
  switch (type.kind) {
    case Kind::kDouble:
      return std::get<double>(a.node) == std::get<double>(b.node);
    case Kind::kList:
      return equal_items(std::get<Sequence>(a.node).items, std::get<Sequence>(b.node).items, type.first, types);
    case Kind::kRecord:
      return equal_fields(std::get<Sequence>(a.node).items, std::get<Sequence>(b.node).items,
                          types.record_type(type.decl), types);
    case Kind::kSet:
      return equal_sets(std::get<Sequence>(a.node).items, std::get<Sequence>(b.node).items, type.first, types);
    case Kind::kMap:
      return equal_maps(std::get<Entries>(a.node), std::get<Entries>(b.node), type, types);
    case Kind::kOptional:
      return equal(a, b, type.first, types);
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kTimestamp:
    case Kind::kDuration:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kEnum:
      return key_order(a, b) == 0;
  }
  WRIT_UNREACHABLE();
}

std::string literal_text(const Value& value, TypeId id, const Types& types) {
  if (std::holds_alternative<AbsentValue>(value.node)) return "absent";
  const Type& type = types[id];
  const auto element = [&](const Value& item) { return literal_text(item, type.first, types); };
  switch (type.kind) {
    case Kind::kBool:
      return std::get<bool>(value.node) ? "true" : "false";
    case Kind::kInt:
      return fmt::to_string(std::get<std::int64_t>(value.node));
    case Kind::kUint:
      return fmt::format("{}u", std::get<UintValue>(value.node).value);
    case Kind::kDouble:
      return double_text(std::get<double>(value.node));
    case Kind::kString:
      return quoted_string(std::get<std::string>(value.node));
    case Kind::kBytes:
      return quoted_bytes(std::get<std::string>(value.node));
    case Kind::kTimestamp:
      return fmt::format("timestamp(\"{}\")", stdlib::format_timestamp(std::get<std::int64_t>(value.node)));
    case Kind::kDuration:
      return stdlib::format_duration(std::get<std::int64_t>(value.node));
    case Kind::kIp:
      return fmt::format("ip(\"{}\")", stdlib::format_ip(std::get<runtime::Ip>(value.node)));
    case Kind::kCidr:
      return fmt::format("cidr(\"{}\")", stdlib::format_cidr(std::get<runtime::Cidr>(value.node)));
    case Kind::kEnum:
      return types.enum_type(type.decl).enumerators.at(std::get<EnumValue>(value.node).number);
    case Kind::kRecord: {
      const RecordType& record = types.record_type(type.decl);
      return joined_fields(record.name + "(", std::get<Sequence>(value.node).items, record, ")", std::identity{},
                           [&](const Value& item, TypeId field) { return literal_text(item, field, types); });
    }
    case Kind::kList:
      return joined("[", std::get<Sequence>(value.node).items, "]", element);
    case Kind::kSet:
      return joined("{", std::get<Sequence>(value.node).items, "}", element);
    case Kind::kMap:
      return joined("{", std::get<Entries>(value.node).items, "}", [&](const auto& entry) {
        return element(entry.key) + ": " + literal_text(entry.value, type.second, types);
      });
    case Kind::kOptional:
      return element(value);
  }
  WRIT_UNREACHABLE();
}

std::string json_text(const Value& value, TypeId id, const Types& types) {
  if (std::holds_alternative<AbsentValue>(value.node)) return "null";
  const Type& type = types[id];
  const auto element = [&](const Value& item) { return json_text(item, type.first, types); };
  switch (type.kind) {
    case Kind::kBool:
    case Kind::kInt:
      return literal_text(value, id, types);
    case Kind::kUint:
      return fmt::to_string(std::get<UintValue>(value.node).value);
    case Kind::kDouble:
      return json_double(std::get<double>(value.node));
    case Kind::kString:
      return support::json_quote(std::get<std::string>(value.node));
    case Kind::kBytes:
      return support::json_quote(support::encode_base64(std::get<std::string>(value.node)));
    case Kind::kTimestamp:
      return support::json_quote(stdlib::format_timestamp(std::get<std::int64_t>(value.node)));
    case Kind::kIp:
      return support::json_quote(stdlib::format_ip(std::get<runtime::Ip>(value.node)));
    case Kind::kCidr:
      return support::json_quote(stdlib::format_cidr(std::get<runtime::Cidr>(value.node)));
    case Kind::kDuration:
    case Kind::kEnum:
      return support::json_quote(literal_text(value, id, types));
    case Kind::kRecord:
      return joined_fields("{", std::get<Sequence>(value.node).items, types.record_type(type.decl), "}",
                           support::json_quote,
                           [&](const Value& item, TypeId field) { return json_text(item, field, types); });
    case Kind::kList:
    case Kind::kSet:
      return joined("[", std::get<Sequence>(value.node).items, "]", element);
    case Kind::kMap:
      return joined("{", std::get<Entries>(value.node).items, "}", [&](const auto& entry) {
        return json_key(entry.key, type.first, types) + ": " + json_text(entry.value, type.second, types);
      });
    case Kind::kOptional:
      return element(value);
  }
  WRIT_UNREACHABLE();
}

std::int64_t value_bytes(const Value& value) {
  std::int64_t bytes = 8;
  if (const auto* text = std::get_if<std::string>(&value.node)) {
    bytes = 16 + static_cast<std::int64_t>(text->size());
  } else if (const auto* sequence = std::get_if<Sequence>(&value.node)) {
    for (const Value& item : sequence->items) bytes += value_bytes(item);
  } else if (const auto* entries = std::get_if<Entries>(&value.node)) {
    for (const Entry& entry : entries->items) bytes += value_bytes(entry.key) + value_bytes(entry.value);
  }
  return bytes;
}

std::strong_ordering key_order(const Value& a, const Value& b) {
  // Of two kinds only an absent T? can meet a T: it comes first. Other pairs are ordered somehow, to be total.
  const bool a_absent = std::holds_alternative<AbsentValue>(a.node);
  const bool b_absent = std::holds_alternative<AbsentValue>(b.node);
  if (a_absent != b_absent) return b_absent <=> a_absent;
  if (a.node.index() != b.node.index()) return a.node.index() <=> b.node.index();
  return std::visit([&]<typename T>(const T& value) { return order(value, std::get<T>(b.node)); }, a.node);
}

}  // namespace writ::ir

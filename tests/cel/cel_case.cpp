#include "tests/cel/cel_case.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <variant>

namespace writ::tests {
namespace {

using ir::Kind;
using nlohmann::json;

/// The content of a value of this kind; null where it is of another.
const json* content(const json& value, const char* kind) {
  const auto found = value.find(kind);
  return found == value.end() ? nullptr : &*found;
}

double read_double(const json& content) {
  if (content.is_number()) return content.get<double>();
  const auto text = content.get<std::string>();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  return text == "Infinity" ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
}

std::string read_bytes(const json& content) {
  const auto hexadecimal = content.get<std::string>();
  std::string bytes;
  for (std::size_t at = 0; at < hexadecimal.size(); at += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hexadecimal.substr(at, 2), nullptr, 16)));
  }
  return bytes;
}

bool same_list(const json& expected, const ir::Sequence& list, ir::TypeId element, const ir::Types& types) {
  return expected.size() == list.items.size() &&
         std::ranges::equal(expected, list.items,
                            [&](const json& e, const ir::Value& item) { return matches(e, item, element, types); });
}

bool same_map(const json& expected, const ir::Entries& map, const ir::Type& type, const ir::Types& types) {
  return expected.size() == map.items.size() && std::ranges::all_of(expected, [&](const json& pair) {
           return std::ranges::any_of(map.items, [&](const ir::Entry& entry) {
             return matches(pair[0], entry.key, type.first, types) && matches(pair[1], entry.value, type.second, types);
           });
         });
}

}  // namespace

CelCase CelCase::read(const std::string& line) {
  const json row = json::parse(line);
  CelCase out{
      .suite = row["suite"], .name = row["name"], .expression = row["expr"], .variables = {}, .value = {}, .type = {}};
  for (const json& variable : row["variables"]) {
    out.variables.push_back({variable["name"], variable["type"], variable.value("value", json())});
  }
  out.error = row.value("error", false);
  if (row.contains("value")) out.value = row["value"];
  if (row.contains("type")) out.type = row["type"].get<std::string>();
  return out;
}

std::string cel_type(ir::TypeId id, const ir::Types& types) {
  const ir::Type& type = types[id];
  switch (type.kind) {
    case Kind::kList:
      return "list(" + cel_type(type.first, types) + ")";
    case Kind::kMap:
      return "map(" + cel_type(type.first, types) + ", " + cel_type(type.second, types) + ")";
    case Kind::kOptional:
      return "optional_type(" + cel_type(type.first, types) + ")";
    default:
      return types.text(id);
  }
}

bool matches(const json& expected, const ir::Value& value, ir::TypeId id, const ir::Types& types) {
  const ir::Type& type = types[id];
  switch (type.kind) {
    case Kind::kOptional:
      return !std::holds_alternative<ir::AbsentValue>(value.node) && matches(expected, value, type.first, types);
    case Kind::kDouble: {
      const json* const wanted = content(expected, "double");
      if (wanted == nullptr) return false;
      const double number = read_double(*wanted);
      const double given = std::get<double>(value.node);
      return number == given || (std::isnan(number) && std::isnan(given));
    }
    case Kind::kList: {
      const json* const wanted = content(expected, "list");
      return wanted != nullptr && same_list(*wanted, std::get<ir::Sequence>(value.node), type.first, types);
    }
    case Kind::kMap: {
      const json* const wanted = content(expected, "map");
      return wanted != nullptr && same_map(*wanted, std::get<ir::Entries>(value.node), type, types);
    }
    default: {
      const auto wanted = read_value(expected, id, types);
      return wanted && ir::equal(*wanted, value, id, types);
    }
  }
}

std::optional<ir::Value> read_value(const json& value, ir::TypeId id, const ir::Types& types) {
  const ir::Type& type = types[id];
  const auto of_kind = [&](const char* kind, const auto& read) -> std::optional<ir::Value> {
    const json* const found = content(value, kind);
    if (found == nullptr) return std::nullopt;
    return ir::Value{read(*found)};
  };
  const auto text = [](const json& found) { return found.get<std::string>(); };
  const auto number = [&](const json& found) -> std::int64_t { return std::stoll(text(found)); };
  switch (type.kind) {
    case Kind::kBool:
      return of_kind("bool", [](const json& found) { return found.get<bool>(); });
    case Kind::kInt:
      return of_kind("int", number);
    case Kind::kUint:
      return of_kind("uint", [&](const json& found) { return ir::UintValue{std::stoull(text(found))}; });
    case Kind::kDouble:
      return of_kind("double", read_double);
    case Kind::kString:
      return of_kind("string", text);
    case Kind::kBytes:
      return of_kind("bytes", read_bytes);
    case Kind::kDuration:
      return of_kind("duration", number);
    case Kind::kList: {
      ir::Sequence list;
      for (const json& item : value.value("list", json::array())) {
        const auto element = read_value(item, type.first, types);
        if (!element) return std::nullopt;
        list.items.push_back(*element);
      }
      return ir::Value{list};
    }
    case Kind::kMap: {
      ir::Entries map;
      for (const json& pair : value.value("map", json::array())) {
        const auto key = read_value(pair[0], type.first, types);
        const auto entry = read_value(pair[1], type.second, types);
        if (!key || !entry) return std::nullopt;
        map.items.push_back({*key, *entry});
      }
      return ir::Value{map};
    }
    default:
      return std::nullopt;
  }
}

}  // namespace writ::tests

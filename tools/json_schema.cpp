#include "tools/json_schema.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "support/base64.h"

namespace writ::tools {
namespace {

using Json = nlohmann::ordered_json;
using ir::Kind;
using ir::TypeId;

// Looser than the literals themselves: what they are is for Writ to say.
constexpr const char* kNumberText = "^-?[0-9][0-9A-Za-z_.+-]*$";
constexpr const char* kDurationText = "^[-+]?[0-9.][0-9a-zµμ._]*$";
constexpr const char* kTimestampText = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]";
constexpr const char* kIpText = "^[0-9A-Fa-f:.]+$";
constexpr const char* kCidrText = "^[0-9A-Fa-f:.]+/[0-9]{1,3}$";
constexpr std::int64_t kMaxUtf8Bytes = 4;  // of one character

Json text(const char* pattern) { return {{"type", "string"}, {"pattern", pattern}}; }

class SchemaWriter {
 public:
  SchemaWriter(const ir::Program& program, const support::SourceMap& sources)
      : program_(program), types_(program.types), sources_(sources) {}

  Json document() {
    Json units = {{"$schema", {{"type", "string"}}}};
    for (const ir::Knob& knob : program_.knobs) {
      Json& unit = units[knob.unit];
      if (unit.is_null()) unit = {{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
      unit["properties"][knob.name] = this->knob(knob);
    }
    Json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                {"title", fmt::format("configuration for {}", program_.schema_name)},
                {"type", "object"},
                {"properties", std::move(units)},
                {"additionalProperties", false}};
    if (!records_.empty()) out["$defs"] = std::move(records_);
    return out;
  }

 private:
  /// Whether a record's value may give some of its fields: where one merges with the value so far.
  enum class Fields : std::uint8_t { kSome, kAll };

  Json knob(const ir::Knob& knob) {
    Json out = type(knob.type, Fields::kSome);
    if (!knob.doc.empty()) out["description"] = knob.doc;
    out["default"] = json_value(program_, program_.constants[knob.initial].value, knob.type);
    if (knob.where) {
      const support::Span condition = program_.places[program_.functions[*knob.where].place];
      out["$comment"] = fmt::format("where {}", sources_.file(condition.source).text(condition));
    }
    return out;
  }

  Json type(TypeId id, Fields fields) {
    const ir::Type& type = types_[id];
    switch (type.kind) {
      case Kind::kBool:
        return {{"anyOf", {{{"type", "boolean"}}, {{"enum", {"true", "false"}}}}}};
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kDouble:
        return {{"anyOf", {number(type), text(kNumberText)}}};
      case Kind::kString:
        return string(type);
      case Kind::kBytes:
        return bytes(type);
      case Kind::kTimestamp:
        return text(kTimestampText);
      case Kind::kDuration:
        return text(kDurationText);
      case Kind::kIp:
        return text(kIpText);
      case Kind::kCidr:
        return text(kCidrText);
      case Kind::kEnum:
        return enumeration(types_.enum_type(type.decl));
      case Kind::kRecord:
        return {{"$ref", "#/$defs/" + record(types_.record_type(type.decl), fields)}};
      case Kind::kList:
      case Kind::kSet:
        return sequence(type);
      case Kind::kMap:
        return map(type);
      case Kind::kOptional:
        return {{"anyOf", {this->type(type.first, fields), {{"type", "null"}}}}};
    }
    return {};
  }

  static Json number(const ir::Type& type) {
    Json out = {{"type", type.kind == Kind::kDouble ? "number" : "integer"}};
    if (type.kind == Kind::kDouble) {
      if (type.bound.low) out["minimum"] = std::bit_cast<double>(*type.bound.low);
      if (type.bound.high) out["maximum"] = std::bit_cast<double>(*type.bound.high);
    } else if (type.kind == Kind::kUint) {
      const auto low = type.bound.low ? static_cast<std::uint64_t>(*type.bound.low) : 0;
      const auto high = type.bound.high ? static_cast<std::uint64_t>(*type.bound.high) : ~std::uint64_t{0};
      out["minimum"] = low;
      out["maximum"] = high;
    } else {
      out["minimum"] = type.bound.low.value_or(std::numeric_limits<std::int64_t>::min());
      out["maximum"] = type.bound.high.value_or(std::numeric_limits<std::int64_t>::max());
    }
    return out;
  }

  /// A bound counts bytes, JSON Schema counts characters.
  static Json string(const ir::Type& type) {
    Json out = {{"type", "string"}};
    if (type.bound.low) out["minLength"] = (*type.bound.low + kMaxUtf8Bytes - 1) / kMaxUtf8Bytes;
    if (type.bound.high) out["maxLength"] = *type.bound.high;
    return out;
  }

  /// In base64, whose padding may be left out.
  static Json bytes(const ir::Type& type) {
    Json out = {{"type", "string"}, {"contentEncoding", "base64"}};
    if (type.bound.low) out["minLength"] = (static_cast<std::uint64_t>(*type.bound.low) * 4 + 2) / 3;
    if (type.bound.high) {
      out["maxLength"] = support::base64_encoded_size(static_cast<std::size_t>(*type.bound.high));
    }
    return out;
  }

  static Json enumeration(const ir::EnumType& type) {
    const std::string qualified = fmt::format("^{}\\.({})$", type.name, fmt::join(type.enumerators, "|"));
    return {{"anyOf", {{{"enum", type.enumerators}}, text(qualified.c_str())}}};
  }

  Json sequence(const ir::Type& type) {
    Json out = {{"type", "array"}, {"items", this->type(type.first, Fields::kAll)}};
    if (type.bound.low) out["minItems"] = *type.bound.low;
    if (type.bound.high) out["maxItems"] = *type.bound.high;
    if (type.kind == Kind::kSet) out["uniqueItems"] = true;
    return out;
  }

  Json map(const ir::Type& type) {
    Json out = {{"type", "object"},
                {"propertyNames", this->type(type.first, Fields::kAll)},
                {"additionalProperties", this->type(type.second, Fields::kAll)}};
    if (type.bound.low) out["minProperties"] = *type.bound.low;
    if (type.bound.high) out["maxProperties"] = *type.bound.high;
    return out;
  }

  /// The record's name among the definitions, where it stands once.
  std::string record(const ir::RecordType& type, Fields fields) {
    const std::string name = fields == Fields::kAll ? type.name : type.name + ".fields";
    if (records_.contains(name)) return name;
    records_[name] = Json::object();
    Json properties = Json::object();
    Json required = Json::array();
    for (const ir::Field& field : type.fields) {
      Json& property = properties[field.name] = this->type(field.type, fields);
      if (!field.doc.empty()) property["description"] = field.doc;
      if (field.initial)
        property["default"] = json_value(program_, program_.constants[*field.initial].value, field.type);
      if (!field.initial && types_.kind(field.type) != Kind::kOptional) required.push_back(field.name);
    }
    Json& out = records_[name];
    out = {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (!type.doc.empty()) out["description"] = type.doc;
    if (fields == Fields::kAll && !required.empty()) out["required"] = std::move(required);
    return name;
  }

  const ir::Program& program_;
  const ir::Types& types_;
  const support::SourceMap& sources_;
  Json records_ = Json::object();
};

}  // namespace

Json config_schema(const ir::Program& program, const support::SourceMap& sources) {
  return SchemaWriter(program, sources).document();
}

Json json_value(const ir::Program& program, const ir::Value& value, TypeId type) {
  Json parsed = Json::parse(json_text(value, type, program.types), nullptr, /*allow_exceptions=*/false);
  return parsed.is_discarded() ? Json(literal_text(value, type, program.types)) : parsed;
}

}  // namespace writ::tools

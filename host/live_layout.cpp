#include "host/live_layout.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "support/check.h"
#include "support/limits.h"

namespace writ::host {
namespace {

using ir::Kind;

// writ.h repeats the kinds for languages that cannot read ours.
static_assert(static_cast<int>(Kind::kBool) == WRIT_BOOL && static_cast<int>(Kind::kOptional) == WRIT_OPTIONAL);
static_assert(WRIT_MAX_WORDS == runtime::kMaxWords && WRIT_MAX_CALL_WORDS == support::limits::kCallWords);

using Mismatch = std::optional<std::string>;

std::string_view view(writ_text text) { return {text.data, text.size}; }

std::string_view kind_name(writ_kind kind) {
  switch (kind) {
    case WRIT_BOOL:
      return "a bool";
    case WRIT_INT:
      return "a signed integer";
    case WRIT_UINT:
      return "an unsigned integer";
    case WRIT_DOUBLE:
      return "a double";
    case WRIT_STRING:
      return "a string";
    case WRIT_BYTES:
      return "bytes";
    case WRIT_TIMESTAMP:
      return "a time point";
    case WRIT_DURATION:
      return "a duration";
    case WRIT_IP:
      return "an address";
    case WRIT_CIDR:
      return "a network";
    case WRIT_ENUM:
      return "an enum";
    case WRIT_RECORD:
      return "a struct";
    case WRIT_LIST:
      return "a list";
    case WRIT_SET:
      return "a set";
    case WRIT_MAP:
      return "a map";
    case WRIT_OPTIONAL:
      return "an optional";
  }
  WRIT_UNREACHABLE();
}

class Comparison {
 public:
  explicit Comparison(const ir::Types& types) : types_(types) {}

  Mismatch type(const std::string& path, const writ_type& host, ir::TypeId id) const {
    const ir::Type& type = types_[id];
    if (static_cast<int>(host.kind) != static_cast<int>(type.kind)) {
      return fmt::format("{}: it is {} in the host program, and {} in the schema", path, kind_name(host.kind),
                         types_.text(id));
    }
    switch (type.kind) {
      case Kind::kEnum:
        if (auto wrong = enumerators(path, host, types_.enum_type(type.decl))) return wrong;
        break;
      case Kind::kRecord:
        if (auto wrong = fields(path, host, types_.record_type(type.decl))) return wrong;
        break;
      case Kind::kOptional:
        if ((host.is_address != 0) != ir::optional_is_address(types_.kind(type.first))) {
          return fmt::format(
              "{}: an optional record, set or map is a pointer in the host program, any other optional is none", path);
        }
        if (auto wrong = this->type(path, *host.first, type.first)) return wrong;
        break;
      case Kind::kList:
      case Kind::kSet:
        if (auto wrong = this->type(path + "[]", *host.first, type.first)) return wrong;
        break;
      case Kind::kMap:
        if (auto wrong = this->type(path + "[key]", *host.first, type.first)) return wrong;
        if (auto wrong = this->type(path + "[]", *host.second, type.second)) return wrong;
        break;
      case Kind::kBool:
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kDouble:
      case Kind::kString:
      case Kind::kBytes:
      case Kind::kTimestamp:
      case Kind::kDuration:
      case Kind::kIp:
      case Kind::kCidr:
        break;
    }
    const std::uint32_t size = types_.storage(id).size;
    if (host.size == size) return std::nullopt;
    return fmt::format("{}: {} takes {} bytes in a policy, and {} in the host program", path, types_.text(id), size,
                       host.size);
  }

 private:
  static Mismatch enumerators(const std::string& path, const writ_type& host, const ir::EnumType& type) {
    for (std::size_t i = 0; i < type.enumerators.size(); ++i) {
      if (i < host.enumerator_count && view(host.enumerators[i]) == type.enumerators[i]) continue;
      return fmt::format("{}: enumerator {} of {} is `{}` in the schema, and {} in the host program", path, i,
                         type.name, type.enumerators[i],
                         i < host.enumerator_count ? fmt::format("`{}`", view(host.enumerators[i])) : "missing");
    }
    if (host.enumerator_count == type.enumerators.size()) return std::nullopt;
    return fmt::format("{}: the schema's {} lacks the enumerator `{}`", path, type.name,
                       view(host.enumerators[type.enumerators.size()]));
  }

  Mismatch fields(const std::string& path, const writ_type& host, const ir::RecordType& record) const {
    for (const ir::Field& field : record.fields) {
      const writ_field* const found = find(host, field.name);
      const std::string inner = fmt::format("{}.{}", path, field.name);
      if (found == nullptr) {
        return fmt::format("{}: the schema has this field, and the host program's {} has not", inner, view(host.name));
      }
      if (auto wrong = type(inner, *found->type, field.type)) return wrong;
      if (found->offset == field.offset) continue;
      return fmt::format("{}: it lies at byte {} of the schema's record, and at byte {} of the host program's {}",
                         inner, field.offset, found->offset, view(host.name));
    }
    for (const writ_field& field : std::span(host.fields, host.field_count)) {
      if (!record.field(view(field.name))) {
        return fmt::format("{}.{}: the schema's {} has no such field", path, view(field.name), record.name);
      }
    }
    return std::nullopt;
  }

  static const writ_field* find(const writ_type& host, std::string_view name) {
    for (const writ_field& field : std::span(host.fields, host.field_count)) {
      if (view(field.name) == name) return &field;
    }
    return nullptr;
  }

  const ir::Types& types_;
};

Mismatch compare(const writ_signature& signature, std::span<const std::string> names,
                 std::span<const ir::TypeId> parameters, std::optional<ir::TypeId> result, const ir::Types& types) {
  if (signature.parameter_count != parameters.size()) {
    return fmt::format("it takes {} arguments in the host program, and {} in the schema", signature.parameter_count,
                       parameters.size());
  }
  const Comparison comparison(types);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (auto wrong = comparison.type(names[i], *signature.parameters[i], parameters[i])) return wrong;
  }
  if ((signature.result == nullptr) != !result) {
    return fmt::format("it gives {} in the host program, and {} in the schema",
                       signature.result == nullptr ? "nothing" : "a value", result ? types.text(*result) : "nothing");
  }
  return result ? comparison.type("the result", *signature.result, *result) : std::nullopt;
}

}  // namespace

Mismatch find_mismatch(const writ_signature& signature, const ir::SlotDecl& slot, const ir::Types& types) {
  std::vector<std::string> names;
  std::vector<ir::TypeId> parameters;
  for (const ir::Local& parameter : slot.parameters) {
    names.push_back(parameter.name);
    parameters.push_back(parameter.type);
  }
  return compare(signature, names, parameters, slot.result, types);
}

Mismatch find_mismatch(const writ_signature& signature, const ir::HostFunctionDecl& function, const ir::Types& types) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) names.push_back(fmt::format("argument {}", i + 1));
  return compare(signature, names, function.parameters, function.result, types);
}

bool holds_address(ir::TypeId id, const ir::Types& types) {
  const ir::Type& type = types[id];
  switch (type.kind) {
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kRecord:
    case Kind::kList:
    case Kind::kSet:
    case Kind::kMap:
      return true;
    case Kind::kOptional:
      return holds_address(type.first, types);
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
    case Kind::kTimestamp:
    case Kind::kDuration:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kEnum:
      return false;
  }
  WRIT_UNREACHABLE();
}

}  // namespace writ::host

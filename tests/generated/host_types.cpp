#include "tests/generated/host_types.h"

namespace writ::tests {

using ir::Kind;

namespace {

writ_text text(const std::string& name) { return {.data = name.data(), .size = name.size()}; }

}  // namespace

const writ_type* HostTypes::type(ir::TypeId id) {
  if (const auto found = known_.find(id); found != known_.end()) return found->second;
  const ir::Type& type = types_[id];
  writ_type made{};
  made.kind = static_cast<writ_kind>(type.kind);
  made.size = types_.storage(id).size;
  if (type.kind == Kind::kOptional) made.is_address = ir::optional_is_address(types_.kind(type.first)) ? 1 : 0;
  const bool is_collection = type.kind == Kind::kList || type.kind == Kind::kSet || type.kind == Kind::kMap;
  if (is_collection || type.kind == Kind::kOptional) made.first = this->type(type.first);
  if (type.kind == Kind::kMap) made.second = this->type(type.second);
  if (type.kind == Kind::kEnum) {
    std::vector<writ_text>& names = texts_.emplace_back();
    for (const std::string& each : types_.enum_type(type.decl).enumerators) names.push_back(text(each));
    made.enumerators = names.data();
    made.enumerator_count = names.size();
  }
  if (type.kind == Kind::kRecord) {
    std::vector<writ_field>& fields = fields_.emplace_back();
    for (const ir::Field& each : types_.record_type(type.decl).fields) {
      fields.push_back({.name = text(each.name), .type = this->type(each.type), .offset = each.offset});
    }
    made.fields = fields.data();
    made.field_count = fields.size();
  }
  return known_[id] = &described_.emplace_back(made);
}

writ_signature HostTypes::signature(std::span<const ir::TypeId> parameters, std::optional<ir::TypeId> result) {
  std::vector<const writ_type*>& described = parameters_.emplace_back();
  for (const ir::TypeId each : parameters) described.push_back(type(each));
  return {
      .parameters = described.data(), .parameter_count = described.size(), .result = result ? type(*result) : nullptr};
}

}  // namespace writ::tests

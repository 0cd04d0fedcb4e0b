// The schema's types as a C program would describe them to the engine, made from the schema itself.
//
// A host program has these from its own structs. A generated schema has no such program, so that layouts agree by nature.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "include/writ/writ.h"
#include "ir/type.h"

namespace writ::tests {

class HostTypes {
 public:
  /// Borrows the types, which stay as they are.
  explicit HostTypes(const ir::Types& types) : types_(types) {}

  /// Valid as long as this lives.
  [[nodiscard]] writ_signature signature(std::span<const ir::TypeId> parameters, std::optional<ir::TypeId> result);

 private:
  const writ_type* type(ir::TypeId id);

  const ir::Types& types_;
  std::map<ir::TypeId, const writ_type*> known_;
  std::deque<writ_type> described_;
  std::deque<std::vector<writ_field>> fields_;
  std::deque<std::vector<writ_text>> texts_;
  std::deque<std::vector<const writ_type*>> parameters_;
};

}  // namespace writ::tests

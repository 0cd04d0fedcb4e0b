// The schema that generated programs are written for: records, enums, capabilities, one tier.
//
// In: decisions. Out: types to choose from and the schema's text, to which each program adds its own slots. It keeps ir::Types
// of its own, without layouts: values are made by them and laid out by those of the checked program.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ir/program.h"
#include "ir/type.h"
#include "tests/generated/byte_source.h"

namespace writ::tests {

struct HostFunction {
  std::string name;  // capability.function
  ir::Effect effect;
  std::vector<ir::TypeId> parameters;
  std::optional<ir::TypeId> result;
};

struct Slot {
  std::string name;
  std::vector<ir::Local> parameters;
  ir::TypeId result;
  std::string otherwise;  // behind `else`
};

class World {
 public:
  explicit World(ByteSource bytes);

  [[nodiscard]] ir::Types& types() { return types_; }
  [[nodiscard]] const ir::Types& types() const { return types_; }
  [[nodiscard]] const std::vector<HostFunction>& host_functions() const { return host_functions_; }
  [[nodiscard]] const std::vector<ir::RecordId>& records() const { return records_; }

  /// A type without bounds outside of records; of at most so many types inside one another.
  ir::TypeId any_type(ByteSource& bytes, int depth);
  ir::TypeId scalar(ByteSource& bytes);
  /// As a schema may say it, perhaps with a bound.
  ir::TypeId bounded_type(ByteSource& bytes, int depth);

  [[nodiscard]] std::string schema_text(const std::vector<Slot>& slots) const;

 private:
  ir::TypeId key_type(ByteSource& bytes);
  void add_record(ByteSource& bytes);
  void add_host_functions(ByteSource& bytes);

  ir::Types types_;
  std::vector<ir::TypeId> scalars_;
  std::vector<ir::RecordId> records_;
  std::vector<HostFunction> host_functions_;
};

/// What a call of a generated slot may use: small enough that whatever loops for ever ends soon.
inline constexpr std::int64_t kTierFuel = 6'000;
inline constexpr std::int64_t kTierMemory = 16'384;

}  // namespace writ::tests

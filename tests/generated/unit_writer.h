// Writes one generated program: a policy unit with a slot of its own, as text, well typed by construction.
//
// In: the world that it is written for, and decisions. Out: declarations whose names stand as `$f3$`, so that rendering
// (rendering.h) may call, order and split them as it likes. What the checker refuses is a mistake of this writer (or of the
// checker). A way to write a value is one entry of the lists in ways_*.cpp; the calls of built-ins come from their table.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stdlib/builtin.h"
#include "tests/generated/byte_source.h"
#include "tests/generated/world.h"

namespace writ::tests {

struct Declaration {
  enum class Kind : std::uint8_t { kConstant, kFunction, kSlot } kind;
  std::string name;  // "$f3$"; of a slot its own
  std::string text;
};

/// A value of the unit's `config` block; `assigned` is what a document says, if it says anything.
struct Knob {
  std::string name;  // "$k1$"
  std::string text;  // as declared
  std::string assigned;
};

struct WrittenUnit {
  Slot slot;
  std::vector<Knob> knobs;
  std::vector<Declaration> declarations;  // what they refer to stands before them
};

/// `name` of the slot: what no other unit of the release answers.
[[nodiscard]] WrittenUnit write_unit(World& world, ByteSource& bytes, std::string name);

/// What the program does much of.
struct Leaning {
  bool loops = false;
  bool texts = false;
  bool limits = false;  // numbers at their limits
  bool host = false;
};

class UnitWriter {
 public:
  UnitWriter(World& world, ByteSource& bytes) : world_(world), types_(world.types()), bytes_(bytes) {}
  WrittenUnit write(std::string slot_name);

 private:
  using TypeId = ir::TypeId;
  /// Whether the place says the type of what stands in it: `[]`, `{}` and `absent` need that.
  enum class Place : std::uint8_t { kFree, kTyped };
  struct Variable {
    std::string name;
    TypeId type;
    bool assignable;
  };
  struct Function {
    std::string name;
    std::vector<TypeId> parameters;
    TypeId result;
  };
  struct Collection {
    std::string text;
    TypeId type;
  };
  /// One way to write what is wanted; weight 0 is never chosen.
  struct Way {
    int weight;
    std::function<std::string()> write;
  };
  struct Ways : std::vector<Way> {
    void add(int weight, std::function<std::string()> write) {
      if (weight > 0) push_back({weight, std::move(write)});
    }
  };

  // ---- declarations (unit_writer.cpp)
  void write_knobs();
  void write_constants();
  void write_function();
  void write_recursive_function();
  void write_slot(WrittenUnit& unit);
  std::string body(TypeId result);
  std::string fresh(char letter) { return std::string("$") + letter + std::to_string(next_name_++) + "$"; }
  void declare(Declaration::Kind kind, const std::string& name, std::string text);
  std::string choose(Ways& ways);
  /// The calls of value() that the next function may take.
  void allow(int values) { budget_ = values; }

  // ---- values of any type (ways_general.cpp)
  std::string value(TypeId type, int depth, Place place);
  std::string bounded(TypeId type, int depth, Place place);
  std::string leaf(TypeId type, Place place);
  std::string constant(TypeId type, Place place);
  std::string anchored(TypeId type, const std::string& text);
  /// Whatever is in scope of this shape: names, their fields.
  std::vector<std::string> reads(TypeId shape);
  void add_reads(std::vector<std::string>& out, const std::string& text, TypeId type, TypeId shape, int depth);
  void add_general(Ways& ways, TypeId type, int depth, Place place);
  void add_optional(Ways& ways, TypeId type, int depth, Place place);
  std::string match(TypeId type, int depth);
  std::string patterns(ir::Kind kind, TypeId subject, TypeId type, int depth);
  std::string decide(TypeId type, int depth);
  std::string rules(TypeId type, int depth, bool reasons, int nesting);
  std::string element(TypeId type, int depth);
  std::string field(TypeId type, int depth);
  std::string arguments(const std::vector<TypeId>& parameters, int depth);
  [[nodiscard]] bool has_field(TypeId shape);

  // ---- values by kind (ways_scalar.cpp, ways_collection.cpp)
  void add_by_kind(Ways& ways, TypeId type, int depth, Place place);
  void add_bool(Ways& ways, int depth);
  void add_comparisons(Ways& ways, int depth);
  void add_number(Ways& ways, TypeId type, int depth);
  void add_text(Ways& ways, TypeId type, int depth);
  void add_time(Ways& ways, TypeId type, int depth);
  std::string infix(const char* op, TypeId left, TypeId right, int depth);
  std::string arithmetic(const char* op, TypeId type, int depth);
  std::string membership(int depth);
  std::string formatted(int depth);
  void add_list(Ways& ways, TypeId type, int depth, Place place);
  void add_set(Ways& ways, TypeId type, int depth, Place place);
  void add_map(Ways& ways, TypeId type, int depth, Place place);
  void add_record(Ways& ways, TypeId type, int depth);
  Collection collection(int depth);
  std::string quantifier(int depth);
  /// Writes with names bound to what a collection holds: `(x, inner)` or `(i, x, inner)`.
  std::string with_element(TypeId collection, bool two, const std::function<std::string()>& inner);
  std::string separated(int count, const std::function<std::string()>& each);

  // ---- built-ins (ways_builtin.cpp)
  void add_builtins(Ways& ways, TypeId type, int depth);
  std::string builtin(const stdlib::Builtin& row, int depth);
  std::string argument_read_so(const stdlib::Type& parameter, int depth);

  // ---- statements (write_statements.cpp)
  std::string block(TypeId result, int depth, int indent);
  std::string statement(TypeId result, int depth, int indent);
  std::string binding(int depth, bool may_change = true);
  std::string loop(TypeId result, int depth, int indent);
  std::string while_loop(TypeId result, int depth, int indent);
  std::string conditional(TypeId result, int depth, int indent);
  std::string assignment(int depth);
  std::string emission(int depth);

  World& world_;
  ir::Types& types_;
  ByteSource& bytes_;
  Leaning leaning_;
  WrittenUnit* unit_ = nullptr;
  std::vector<Variable> scope_;
  std::vector<Function> functions_;
  std::vector<std::pair<TypeId, std::string>> anchors_;  // identity functions, by shape
  int next_name_ = 0;
  int next_reason_ = 0;
  int budget_ = 0;
  int loops_ = 0;  // around the place that is written
};

}  // namespace writ::tests

// The checker's own header: state and steps of check.h, shared by the check_*.cpp files and nobody else.
//
// check_units.cpp declares (types, constants, knobs, signatures) and drives; check_schema.cpp reads the schema and types;
// check_expr.cpp, check_match.cpp, check_operator.cpp, check_equality.cpp, check_collection.cpp, check_record.cpp,
// check_call.cpp, check_macro.cpp, check_list.cpp, check_optional.cpp, check_text.cpp and check_builtin.cpp type expressions;
// check_stmt.cpp bodies; check_rules.cpp decide and collect; check_test.cpp test blocks; checker.cpp holds the small
// pieces that all of them are built from.
// A step that finds a mistake reports it once and returns null (or nothing); callers pass null on without a word.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "frontend/ast.h"
#include "frontend/check.h"
#include "ir/interpret.h"
#include "ir/program.h"
#include "support/diagnostic.h"
#include "support/limits.h"
#include "support/overloaded.h"

namespace writ::frontend {

using ir::ExprPtr;
using ir::TypeId;
using support::Code;
using support::Span;

struct Unit;
struct FormatClause;  // check_text.cpp

/// What a name of a unit's top level stands for.
struct KnobSymbol {
  ir::KnobId id;
};
struct ConstSymbol {
  std::uint32_t index;
};  // into Checker::consts_
struct FunctionSymbol {
  std::uint32_t index;
};  // into Checker::signatures_
struct RecordSymbol {
  ir::RecordId id;
};
struct EnumSymbol {
  ir::EnumId id;
};
/// Its declaration was refused: uses of it are not judged again.
struct WrongSymbol {};
using Meaning = std::variant<KnobSymbol, ConstSymbol, FunctionSymbol, RecordSymbol, EnumSymbol, WrongSymbol>;
struct Symbol {
  Meaning meaning;
  Span span;
  bool is_private = false;
};

struct Unit {
  const ast::File* file = nullptr;
  std::map<std::string, Symbol, std::less<>> symbols;          // its own
  std::map<std::string, const Symbol*, std::less<>> imported;  // use common.{is_bot}
  std::map<std::string, const Unit*, std::less<>> qualified;   // use common
};

/// A constant with a name; its value is made when it is first asked for.
struct NamedConst {
  const ast::Const* decl;
  const Unit* unit;
  enum class State : std::uint8_t { kNew, kActive, kDone, kWrong } state = State::kNew;
  ir::ConstantId id = 0;
};

struct Signature {
  const ast::Function* decl;
  const Unit* unit;
  ir::FunctionId id = 0;
  std::vector<TypeId> parameters;
  std::optional<TypeId> result;
  bool emits = false;  // gives no value
  bool wrong = false;  // a type of it was refused: neither calls nor the body are judged
};

/// A call of a function with a result that stands alone as a statement: right where the function emits something.
struct StandingCall {
  Span span;
  std::string name;
  ir::FunctionId callee;
};

/// A name in scope inside a body.
struct LocalName {
  ir::LocalId id;
  bool is_var;
  Span span;
  bool wrong = false;  // its declaration was refused: uses of it are not judged again
};

/// What the body being checked may do.
enum class Place : std::uint8_t {
  kBody,      // of a function or slot
  kConstant,  // of a const, a knob's default, a field's default: literals, constants, built-ins
  kElse,      // a slot's else: parameters and constants; nothing that traps
  kTest,      // of a test: may ask slots and leave fields out with `..`
};

/// The function whose body is being checked.
struct Context {
  const Unit* unit = nullptr;
  ir::Function* function = nullptr;
  Place place = Place::kBody;
  std::vector<std::map<std::string, LocalName, std::less<>>> scopes = {};
  int loops = 0;                         // around the current statement
  std::optional<TypeId> result = {};     // as declared, with its bound
  std::optional<Span> result_span = {};  // where it is declared
  std::string result_what = {};          // "`authorize` answers with"
};

/// What evaluates constants: made once, since each evaluation may read all the constants before it.
struct Folder {
  explicit Folder(const ir::Program& program) : interpreter(program, no_values) {}
  const ir::Config no_values = {};
  ir::Interpreter interpreter;
  std::vector<std::byte> arena = std::vector<std::byte>(static_cast<std::size_t>(support::limits::kConstantMemory));
};

class Checker {
 public:
  Checker(support::Diagnostics& diagnostics, const CheckOptions& options)
      : diagnostics_(diagnostics), options_(options) {}

  // check_schema.cpp
  void read_schema(const ast::File& schema);
  // check_units.cpp
  void read_units(std::span<const ast::File* const> files);
  [[nodiscard]] std::optional<ir::Program> finish();
  // check_expr.cpp: the body of check_expression
  void read_expression(const ast::Expr& expression, std::span<const Variable> variables,
                       std::optional<ir::HostFunctionId> answers);
  void start_without_schema(const ast::File& nothing);

 private:
  // ---- check_schema.cpp: declarations that schemas and units share
  void declare_types(Unit& unit);
  void fill_types(Unit& unit);
  void fill_field_defaults(Unit& unit);
  void lay_out_records();
  void read_capability(const ast::Capability& capability);
  void read_slot_decl(const ast::Decl& decl, const ast::SlotDecl& slot);
  void read_tier(const ast::Decl& decl, const ast::Tier& tier);
  void read_default_bounds(const ast::DefaultBounds& bounds);
  /// Whether a call from or to the host can carry so much; an error at `name` where not.
  bool fits_a_call(Span name, const std::vector<TypeId>& parameters);
  void check_else(ir::SlotId slot);
  void check_every_bound();
  void check_edition(const ast::File& file);
  bool declare(Unit& unit, const ast::Name& name, Meaning meaning, bool is_private);
  std::optional<TypeId> resolve_type(const ast::TypeExpr& type, const Unit& unit);
  /// The type that a parameter says; one that says none is reported.
  std::optional<TypeId> resolve_parameter(const ast::Parameter& parameter, const Unit& unit);
  std::optional<ir::Bound> resolve_bound(const ast::Bounds& bounds, ir::Kind kind);
  std::optional<std::int64_t> literal_number(const ast::Expr& expression, ir::Kind kind);

  // ---- check_units.cpp
  bool choose_tier();
  void add_unit(const ast::File& file);
  bool resolve_uses(Unit& unit);
  bool refuse_use_cycles();
  void show_all_to(const ast::File* file);
  void declare_values(Unit& unit);
  void declare_functions(Unit& unit);
  void read_config(Unit& unit);
  void check_knob_conditions(Unit& unit);
  void check_knob_condition(Unit& unit, const ast::Knob& knob);
  void check_functions();
  void check_slots(Unit& unit);
  void check_slot(Unit& unit, const ast::SlotImpl& impl);
  bool slot_agrees(const Unit& unit, const ast::SlotImpl& impl, const ir::SlotDecl& slot);
  void refuse_idle_calls();
  void check_tier_rules();
  std::optional<ir::ConstantId> const_value(std::uint32_t index);
  std::optional<ir::ConstantId> fold(const ast::Expr& expression, std::optional<TypeId> type, const Unit& unit,
                                     std::string_view what);
  bool evaluate(ExprPtr value, ir::Function& function, Span span);
  bool in_bounds(ir::ConstantId id, std::optional<TypeId> type, Span span);
  std::optional<TypeId> broken_bound(const ir::Value& value, TypeId id);

  // ---- check_stmt.cpp
  void check_body(const ast::Body& body, Context& context, Span span);
  void check_statements(const ast::Body& body, Context& context, Span span);
  bool check_block(const ast::Block& block, ir::Body& out);
  bool check_statement(const ast::Stmt& statement, ir::Body& out);
  bool check_let(const ast::Name& name, const std::optional<ast::TypeExpr>& type, const ast::Expr& value, bool is_var,
                 ir::Body& out);
  bool check_assign(const ast::Stmt& statement, const ast::Assign& assign, ir::Body& out);
  bool check_if(const ast::Stmt& statement, const ast::If& branch, ir::Body& out);
  bool check_if_let(const ast::Stmt& statement, const ast::If& branch, ir::Body& out);
  bool check_for(const ast::Stmt& statement, const ast::For& loop, ir::Body& out);
  /// Puts a loop's body together; false where it is wrong.
  using LoopBody = std::function<bool(ir::Body&)>;
  bool check_loop(Span span, std::span<const ast::Name> names, const ast::Expr& iterable, const LoopBody& body,
                  ir::Body& out);
  bool check_range_loop(Span span, std::span<const ast::Name> names, const ast::Range& range, Span range_span,
                        const LoopBody& body, ir::Body& out);
  bool check_while(const ast::Stmt& statement, const ast::While& loop, ir::Body& out);
  bool check_turn(const LoopBody& body, Span loop, ir::Body& out);
  bool check_jump(Span span, std::string_view word, decltype(ir::Stmt::node) jump, ir::Body& out);
  bool check_call_statement(const ast::ExprStmt& statement, ir::Body& out);
  /// Ends the function with the value of `expression`: a decide or a ternary in tail position becomes statements, so that
  /// reasons travel and nothing is copied.
  bool tail(const ast::Expr& expression, ir::Body& out);
  /// Why an answer was given: a text known when it is checked, or one that is a field of a row.
  struct Because {
    std::optional<ir::ReasonId> id = {};
    ExprPtr text = nullptr;
    [[nodiscard]] bool is_none() const { return !id && !text; }
  };
  bool give(ExprPtr value, Because because, ir::Body& out);
  bool declare_wrong(const ast::Name& name);
  static bool leaves(const ir::Body& body);
  static bool has_break(const ir::Body& body);

  // ---- check_rules.cpp
  struct Rules;
  bool tail_decide(const ast::Expr& expression, const ast::Decide& decide, ir::Body& out);
  ExprPtr inner_decide(const ast::Expr& expression, const ast::Decide& decide, std::optional<TypeId> expected);
  ExprPtr check_collect(const ast::Expr& expression, const ast::Collect& collect, std::optional<TypeId> expected);
  bool check_decide(const ast::Expr& expression, const ast::Decide& decide, Rules& rules, ir::Body& out);
  bool check_items(std::span<const ast::RuleItem> items, Rules& rules, ir::Body& out);
  bool check_rows(const ast::RuleFor& loop, Span span, Rules& rules, ir::Body& out);
  bool check_rule(const ast::Rule& rule, Span span, Rules& rules, ir::Body& out);
  std::optional<Because> check_reason(const ast::Rule& rule, Rules& rules);
  std::optional<Because> row_reason(const ast::Expr& reason, const Rules& rules);

  // ---- check_match.cpp
  struct Matched;
  struct Arm;
  bool tail_match(const ast::Expr& expression, const ast::Match& match, ir::Body& out);
  ExprPtr inner_match(const ast::Expr& expression, const ast::Match& match, std::optional<TypeId> expected);
  std::optional<std::pair<TypeId, Span>> check_arm_values(std::vector<Arm>& arms, const Matched& subject,
                                                          std::optional<TypeId> expected);
  int weakness(const ast::Expr& value) const;
  void bind_arm(Arm& arm, const Matched& subject);
  void put_arms(std::vector<Arm> arms, ir::Body& out);
  std::optional<std::vector<Arm>> check_arms(const ast::Expr& expression, const ast::Match& match, Matched& subject,
                                             ir::Body& setup);
  bool check_pattern(const ast::Pattern& pattern, const ast::MatchArm& arm, Matched& subject, ExprPtr& taken);
  bool check_value_pattern(const ast::Pattern& pattern, Matched& subject, ExprPtr& taken);
  ExprPtr pattern_value(const ast::Pattern& pattern, const Matched& subject);
  bool takes_everything(const Matched& subject);

  // ---- check_expr.cpp
  ExprPtr check(const ast::Expr& expression, std::optional<TypeId> expected = std::nullopt);
  /// The expression as a value of `type`; `what` says who needs it ("`authorize` answers with").
  ExprPtr check_as(const ast::Expr& expression, TypeId type, std::string_view what, std::optional<Span> because = {});
  ExprPtr check_condition(const ast::Expr& expression, std::string_view what);
  ExprPtr convert(ExprPtr value, TypeId type, Span span, std::string_view what, std::optional<Span> because);
  ExprPtr check_name(const ast::Expr& expression, const ast::NameRef& name, std::optional<TypeId> expected);
  ExprPtr symbol_value(const Symbol& symbol, std::string_view name, Span span);
  ExprPtr absent(std::optional<TypeId> expected, Span span);
  ExprPtr check_member(const ast::Expr& expression, const ast::Member& member);
  ExprPtr check_index(const ast::Expr& expression, const ast::Index& index);
  /// A map whose values can be named: m.name is m["name"].
  [[nodiscard]] bool has_names(const ExprPtr& object);
  ExprPtr key_of(const ast::Name& name);
  ExprPtr named_field(ExprPtr object, const ast::Name& name, Span span);
  ExprPtr index_on(const ast::Expr& expression, const ast::Index& index, ExprPtr object, bool asks);
  std::optional<std::string> qualified_enumerator(std::string_view name) const;
  ExprPtr check_unary(const ast::Expr& expression, const ast::Unary& unary, std::optional<TypeId> expected);
  ExprPtr check_binary(const ast::Expr& expression, const ast::Binary& binary, std::optional<TypeId> expected);
  ExprPtr check_arithmetic(const ast::Expr& expression, const ast::Binary& binary, std::optional<TypeId> expected);
  ExprPtr check_comparison(const ast::Expr& expression, const ast::Binary& binary);
  ExprPtr check_in(const ast::Expr& expression, const ast::Binary& binary);
  /// key in collection, by whatever way the collection has.
  ExprPtr is_member(ExprPtr key, ExprPtr collection, Span span);
  ExprPtr check_in_range(const ast::Expr& expression, const ast::Binary& binary, const ast::Range& range);
  ExprPtr coalesce(const ast::Expr& optional, const ast::Expr& instead, std::optional<TypeId> expected, Span span);
  ExprPtr check_ternary(const ast::Expr& expression, const ast::Ternary& ternary, std::optional<TypeId> expected);
  ExprPtr check_list(const ast::Expr& expression, const ast::ListLiteral& list, std::optional<TypeId> expected);
  ExprPtr check_set(const ast::Expr& expression, const ast::SetLiteral& set, std::optional<TypeId> expected);
  ExprPtr check_map(const ast::Expr& expression, const ast::MapLiteral& map, std::optional<TypeId> expected);
  /// The keys and values of a map literal, each of one type; nothing where one is wrong.
  std::optional<std::vector<std::pair<ExprPtr, ExprPtr>>> check_entries(const ast::MapLiteral& map,
                                                                        std::optional<TypeId> key,
                                                                        std::optional<TypeId> value);
  ExprPtr check_optional_value(const ast::Expr& value, std::optional<TypeId> type, std::string_view what);
  ExprPtr check_optional_elements(const ast::ListLiteral& list, std::optional<TypeId> type, Span span);
  ExprPtr check_optional_entries(const ast::MapLiteral& map, std::optional<TypeId> key_type,
                                 std::optional<TypeId> value_type, Span span);
  bool is_too_long(std::size_t elements, Span last);
  std::optional<std::vector<ExprPtr>> check_elements(std::span<const ast::Expr* const> elements,
                                                     std::optional<TypeId>& type, std::string_view what);
  /// Both operands of a binary form, the one whose type says more first; both null when one is wrong.
  std::pair<ExprPtr, ExprPtr> check_compared(const ast::Expr& left, const ast::Expr& right);
  std::pair<ExprPtr, ExprPtr> check_pair(const ast::Expr& left, const ast::Expr& right, std::optional<TypeId> expected);
  ExprPtr joined_lists(ExprPtr left, ExprPtr right, Span span);
  ExprPtr arithmetic(ExprPtr left, ExprPtr right, ast::BinaryOp op, Span span);
  ExprPtr mixed_comparison(ExprPtr left, ExprPtr right, ast::BinaryOp op, Span span);
  ExprPtr ordering(ExprPtr left, ExprPtr right, ast::BinaryOp op, Span span);

  // ---- check_equality.cpp
  ExprPtr equality(ExprPtr left, ExprPtr right, Span span, bool negate);
  ExprPtr equal_values(ExprPtr left, ExprPtr right, Span span);
  ir::FunctionId equality_function(TypeId left, TypeId right, Span span);
  ir::Body equality_body(TypeId left, TypeId right, Span span);

  // ---- check_call.cpp
  ExprPtr check_call(const ast::Expr& expression, const ast::Call& call, std::optional<TypeId> expected,
                     bool statement = false);
  ExprPtr check_method(const ast::Expr& expression, const ast::Call& call, const ast::Member& member,
                       std::optional<TypeId> expected, bool statement);
  /// Whether built-ins are called by this name and another: `math.abs(x)`.
  static bool is_module(std::string_view name);
  ExprPtr unknown_receiver(const ast::NameRef& name, Span span);
  ExprPtr call_on(const ast::Expr& expression, const ast::Call& call, const ast::Member& member, ExprPtr receiver);
  ExprPtr check_host_call(const ast::Expr& expression, const ast::Call& call, const ast::Name& capability,
                          const ast::Name& function, bool statement);
  ExprPtr check_function_call(const ast::Expr& expression, const ast::Call& call, const Signature& signature,
                              bool statement);
  ExprPtr check_slot_call(const ast::Expr& expression, const ast::Call& call, ir::SlotId slot);
  ExprPtr check_builtin(const ast::Expr& expression, const ast::Call& call, const ast::Name& name, ExprPtr receiver);
  ExprPtr unknown_function(const ast::Name& name, std::optional<TypeId> receiver, bool other_form);
  static const stdlib::Builtin* choose_by_constness(std::span<const stdlib::Builtin* const> rows,
                                                    std::span<const ExprPtr> arguments);
  std::optional<std::uint32_t> read_constants(const stdlib::Builtin& row, std::span<const ExprPtr> arguments,
                                              const ast::Call& call);
  bool judge(const ir::ConstantReading& reading);
  bool has_room_for(const ir::ConstantReading& reading);
  std::optional<std::uint32_t> number_of(const ir::ConstantReading& reading);
  TypeId builtin_type(const stdlib::Type& type);
  /// What every built-in method of this name is called on, if that is one type.
  std::optional<TypeId> receiver_type(std::string_view method);
  std::string signatures_text(std::span<const stdlib::Builtin* const> rows);
  ExprPtr builtin(std::string_view symbol, std::vector<ExprPtr> arguments, Span span);
  ExprPtr literal_call(const ast::Expr& expression, std::string_view name, const ast::Call& call);
  std::optional<std::vector<ExprPtr>> check_arguments(const ast::Call& call, std::span<const TypeId> types,
                                                      std::span<const std::string> names, std::string_view callee,
                                                      Span span);

  // ---- check_optional.cpp: CEL's spellings
  struct OptionalMethod;
  static std::span<const OptionalMethod> optional_methods();
  static const OptionalMethod* find_optional_method(std::string_view name);
  static std::vector<std::string_view> optional_method_names();
  ExprPtr check_has(const ast::Expr& expression, const ast::Call& call);
  ExprPtr asked_field(ExprPtr object, const ast::Name& name, Span span);
  ExprPtr check_optional_function(const ast::Call& call, const ast::Name& name, std::optional<TypeId> expected,
                                  Span span);
  ExprPtr unless_zero(ExprPtr value, Span written, Span span);
  ExprPtr check_optional_method(const ast::Call& call, const ast::Member& member, const OptionalMethod& method,
                                std::optional<TypeId> expected, Span span);
  ExprPtr either(const ast::Expr& first, const ast::Expr& second, std::optional<TypeId> expected, Span span);
  ExprPtr value_or_trap(ExprPtr optional, Span span);
  ExprPtr made_of_value(ExprPtr optional, const ast::Call& call, const OptionalMethod& method,
                        std::optional<TypeId> expected, Span span);

  // ---- check_text.cpp
  /// How doubles and durations are written: as string(x) has them, or as the `%s` of CEL's format.
  enum class TextStyle : std::uint8_t { kWrit, kCel };
  ExprPtr check_fstring(const ast::Expr& expression, const ast::FString& text);
  ExprPtr check_format(const ast::Call& call, const ast::Member& member, const ir::Expr& format, Span span);
  ExprPtr formatted(const FormatClause& clause, const ast::Expr& written);
  ExprPtr text_of(ExprPtr value, TextStyle style, Span span);
  bool has_text(TypeId type);
  ExprPtr enumerator_name(ExprPtr value, Span span);
  ir::FunctionId text_function(TypeId shape, TextStyle style, Span span);
  ExprPtr joined(std::vector<ExprPtr> pieces, Span span);
  ExprPtr plain_text(std::string text, Span span);

  // ---- check_macro.cpp
  /// A loop over a collection while it is put together, with its names declared.
  struct Turns {
    ir::Stmt loop;
    ir::LocalId key = 0;                    // a map's key, a list's position; of a set the element
    std::optional<ir::LocalId> value = {};  // of a map or list
    [[nodiscard]] ir::Body& body();
  };
  /// A list while statements put elements into it.
  struct Growing {
    ir::LocalId list;
    ir::LocalId room;
    Span span;
  };
  /// A collection made of another's elements.
  struct Comprehension {
    ExprPtr receiver;
    std::vector<ast::Name> names;
    const ast::Expr* condition;  // null: every element
    std::string what;            // "the condition of `filter`"
    const ast::Expr* made;       // null: the element itself
    Span span;
  };
  ExprPtr check_macro(const ast::Expr& expression, const ast::Call& call, const ast::Member& member, ExprPtr receiver);
  Turns turns(ExprPtr over, std::span<const ast::Name> names, Span span);
  ExprPtr quantify(ExprPtr over, std::span<const ast::Name> names, const ast::Expr& written, bool any,
                   std::string_view what, Span span);
  ExprPtr quantify_optional(ExprPtr optional, const ast::Name& name, const ast::Expr& written, bool any,
                            std::string_view what, Span span);
  ExprPtr exactly_one(ExprPtr over, std::span<const ast::Name> names, const ast::Expr& written, std::string_view what,
                      Span span);
  ExprPtr make_list(Comprehension of);
  ExprPtr make_map(Comprehension of, bool by_entries);
  Growing growing(TypeId element, Span span);
  ir::Stmt begin(const Growing& list, ExprPtr count);
  ir::Stmt append(const Growing& list, ExprPtr value);
  void put_turn(Turns& loop, ExprPtr condition, ir::Body kept);
  ExprPtr size_of(ExprPtr collection, Span span);

  // ---- check_list.cpp
  struct ListCall;
  struct ListFunction;
  /// A loop over the elements of a list or set.
  struct EachLoop {
    ir::LocalId element;
    ir::Stmt loop;
    [[nodiscard]] ir::Body& body();
  };
  static std::span<const ListFunction> list_functions();
  /// Of those that are called on a list or set, or of the others.
  static std::vector<std::string_view> list_function_names(bool methods);
  static const ListFunction* find_list_function(std::string_view name);
  const ListFunction* list_function_for(std::string_view name, const ExprPtr& receiver);
  ExprPtr check_list_function(const ast::Call& call, const ListFunction& function, const ast::Name& name,
                              ExprPtr receiver, Span span);
  std::vector<ExprPtr> list_operands(const ast::Call& call, const ListFunction& function, const ast::Name& name,
                                     ExprPtr receiver);
  std::pair<ExprPtr, ExprPtr> two_collections(const ast::Call& call, const ast::Name& name);
  ExprPtr wrong_list_call(const ListFunction& function, const ast::Name& name, std::optional<TypeId> receiver);
  TypeId element_of(const ListCall& of, std::size_t operand = 0);
  ExprPtr element_at(const ListCall& of, ExprPtr position);
  EachLoop each_of(ExprPtr over, Span span);
  ir::Stmt append_all(const Growing& out, ExprPtr over);
  ExprPtr read_elements(ListCall& of);
  ir::Stmt refuse_if(ExprPtr condition, Span span);
  ExprPtr add_ints(ExprPtr a, ExprPtr b, Span span);
  ExprPtr subtract_ints(ExprPtr a, ExprPtr b, Span span);
  ExprPtr last_position(const ListCall& of);
  ExprPtr sum(ListCall& of);
  ExprPtr least(ListCall& of);
  ExprPtr greatest(ListCall& of);
  ExprPtr extreme(ListCall& of, ast::BinaryOp better);
  ExprPtr first(ListCall& of);
  ExprPtr last(ListCall& of);
  ExprPtr one_end(ListCall& of, ExprPtr position);
  ExprPtr index_of(ListCall& of);
  ExprPtr listed(ListCall& of, TypeId type, ExprPtr count, std::pair<ExprPtr, ExprPtr> range,
                 const std::function<ExprPtr(ExprPtr)>& element);
  ExprPtr reversed(ListCall& of);
  ExprPtr slice(ListCall& of);
  ExprPtr numbers_below(ListCall& of);
  ExprPtr flattened(ListCall& of);
  ExprPtr distinct(ListCall& of);
  bool has_order(TypeId type, Span span);
  ExprPtr sort_key(ExprPtr key, Span span);
  ExprPtr sorted(ListCall& of);
  ExprPtr sorted_by(ListCall& of);
  ExprPtr in_order(ListCall& of, ExprPtr keys);
  ExprPtr some_element(ListCall& of, std::size_t of_these, bool is_in);
  ExprPtr shares_elements(ListCall& of);
  ExprPtr holds_all(ListCall& of);
  ExprPtr same_elements(ListCall& of);
  ExprPtr set_union(ListCall& of);
  ExprPtr intersection(ListCall& of);
  ExprPtr difference(ListCall& of);
  ExprPtr kept(ListCall& of, bool is_in);
  ExprPtr set_of(const Growing& keys);

  // ---- check_record.cpp
  ExprPtr check_record(const ast::Expr& expression, const ast::Call& call, ir::RecordId record);
  ExprPtr check_with(const ast::Expr& expression, const ast::With& with);
  bool keeps_bound(const ir::Expr& value, const ir::Field& field, const ast::Argument& argument);
  bool check_fields(std::span<const ast::Argument> arguments, ir::RecordId id, std::vector<ExprPtr>& fields,
                    ir::Body& setup);
  std::optional<ir::ConstantId> zero_value(TypeId type, Span span, std::string_view field);
  std::optional<ir::Value> zero(TypeId type);

  // ---- check_test.cpp
  using Lets = std::vector<const ast::Stmt*>;
  void check_tests(Unit& unit);
  void check_test(Unit& unit, const ast::Test& test);
  std::optional<ir::FunctionId> test_function(const Unit& unit, const Lets& lets, const ast::Expr& expression,
                                              std::optional<TypeId> type, std::string_view what);
  void check_expect_value(const Unit& unit, const ast::ExpectValue& expect, const Lets& lets, ir::Test& out, Span span);
  void check_expect_trap(const Unit& unit, const ast::ExpectTrap& expect, const Lets& lets, ir::Test& out, Span span);
  void check_expect_emitted(const Unit& unit, const ast::ExpectEmitted& expect, const Lets& lets, ir::Test& out,
                            Span span);
  void check_question(const Question& question);
  void check_given(const Unit& unit, const ast::Given& given, const Lets& lets, ir::Test& out, Span span);
  void check_test_config(const Unit& unit, const ast::WithConfig& config, ir::Test& out);
  std::optional<ir::HostFunctionId> find_host_function(const ast::Name& capability, const ast::Name& function);

  // ---- small things
  ir::PlaceId place(Span span);
  ExprPtr make(TypeId type, Span span, decltype(ir::Expr::node) node);
  ExprPtr constant(TypeId type, ir::Value value, Span span);
  /// A list, set, map or record of constants. Null past the limit of all constants: each could be twice the last.
  ExprPtr made_of_constants(TypeId type, ir::Value value, Span span);
  ExprPtr constant_ref(ir::ConstantId id, Span span);
  /// Appends to the program's constants, within their limit.
  ir::ConstantId keep(TypeId type, ir::Value value, Span span);
  ExprPtr boolean(bool value, Span span) { return constant(types().plain(ir::Kind::kBool), ir::Value{value}, span); }
  ExprPtr integer(std::int64_t value, Span span) {
    return constant(types().plain(ir::Kind::kInt), ir::Value{value}, span);
  }
  ExprPtr operate(ir::Op op, TypeId type, Span span, ExprPtr a, ExprPtr b = nullptr);
  ExprPtr negate(ExprPtr value, Span span);
  ExprPtr select(ExprPtr condition, ExprPtr then, ExprPtr otherwise, Span span);
  ExprPtr local_ref(ir::LocalId id, Span span);
  /// What a read of a declared place gives: checked against its bound, which the type then no longer carries.
  ExprPtr read(ExprPtr value);
  /// Whether this is read where the host may have written what is no value of the type.
  [[nodiscard]] bool is_from_host(const ir::Expr& value);
  ExprPtr some(ExprPtr value, Span span);
  ExprPtr none(TypeId optional, Span span);
  ExprPtr field(ExprPtr record, std::uint32_t index, Span span);
  ir::LocalId new_local(std::string name, TypeId type, Span span);
  ir::Stmt assign(ir::LocalId local, ExprPtr value, Span span);
  /// The value in a local of its own, so that it can be read more than once; constants and locals stay as they are.
  struct Held {
    ir::Body setup;
    std::function<ExprPtr()> get;
  };
  Held hold(ExprPtr value, Span span);
  /// Adds a function that the checker makes itself; `body` puts it together, with the function as its context.
  ir::FunctionId generate(ir::Function function, const std::function<ir::Body()>& body);
  ExprPtr with_setup(ir::Body setup, ExprPtr value, Span span);
  /// `then(value)` under the presence of an optional, else absent; a T? result is not wrapped again.
  ExprPtr map_optional(ExprPtr optional, Span span, const std::function<ExprPtr(ExprPtr)>& then);
  const ir::Value* constant_of(const ir::Expr& expression) const;
  /// The value of a constant, of `absent`, or of a constant that stands where an optional is wanted.
  std::optional<ir::Value> known_value(const ir::Expr& expression) const;
  /// The values of all of them, if each is known.
  std::optional<ir::Sequence> known_values(std::span<const ExprPtr> expressions) const;
  static bool is_constant_collection(const ir::Expr& expression);
  /// Whether values of this type can be looked up.
  [[nodiscard]] bool is_key(TypeId type);
  bool allowed_key(TypeId type, Span span, std::string_view what);
  bool declare_local(const ast::Name& name, ir::LocalId id, bool is_var);
  const LocalName* find_local(std::string_view name) const;
  const Symbol* find_symbol(std::string_view name) const;
  const Symbol* find_symbol(std::string_view name, const Unit& unit) const;
  bool resolves(std::string_view name) const;

  // ---- check_unused.cpp: names that are used, and those that are not
  /// What find_symbol finds, for a use of it.
  const Symbol* use_symbol(std::string_view name);
  const Symbol* use_symbol(std::string_view name, const Unit& unit);
  /// The library of `use library` under this name; null when the unit has none.
  const Unit* use_library(std::string_view name);
  void warn_of_unused(const Unit& unit);
  void warn_of_unused(const Unit& unit, const ast::Use& use);
  void warn_of_unread_locals();

  std::vector<std::string_view> names_in_scope() const;
  ir::Types& types() { return program_.types; }
  bool same(TypeId a, TypeId b) { return types().shape(a) == types().shape(b); }
  bool is(const ExprPtr& value, ir::Kind kind) { return types().kind(value->type) == kind; }
  std::string text(TypeId type) { return program_.types.text(type); }
  /// Reports and gives null, so that a step can `return wrong(…)`.
  support::Diagnostic& error(Code code, Span span, std::string message) {
    return diagnostics_.error(code, span, std::move(message));
  }
  ExprPtr wrong(Code code, Span span, std::string message, std::string help = {});
  bool step(Span span);
  Context& context() { return *context_; }

  support::Diagnostics& diagnostics_;
  CheckOptions options_;
  ir::Program program_;
  std::deque<Unit> units_;  // units_[0] is the schema, or an empty one
  std::vector<NamedConst> consts_;
  std::vector<Signature> signatures_;
  std::vector<StandingCall> standing_calls_;
  std::map<std::tuple<TypeId, TypeId, Place>, ir::FunctionId> equality_functions_;
  std::map<std::pair<TypeId, TextStyle>, ir::FunctionId> text_functions_;
  std::map<ir::Kind, ir::Bound> default_bounds_;
  std::vector<std::vector<std::string>> host_parameters_;  // names, by HostFunctionId
  std::vector<ir::RecordId> unlaid_;                       // records that wait for lay_out_records
  std::vector<const ast::SlotDecl*> slot_asts_;
  std::vector<Span> slot_impls_;  // where a slot is implemented; empty span: not yet
  const ir::Tier* tier_ = nullptr;
  Context* context_ = nullptr;
  std::int64_t steps_ = 0;
  std::int64_t constant_bytes_ = 0;
  std::map<std::pair<stdlib::Reading, std::string>, std::uint32_t> reading_numbers_;
  std::int64_t prepared_count_ = 0;  // readings of which something is made, those that were refused included
  std::int64_t pattern_bytes_ = 0;
  bool patterns_are_full_ = false;
  std::unique_ptr<Folder> folder_;  // from the first constant that has to be evaluated
  std::map<std::string, std::uint32_t, std::less<>> reason_ids_;
  std::set<const Symbol*> used_symbols_;                               // by any unit
  std::set<std::pair<const Unit*, std::string_view>> used_imports_;    // names by which a unit used what others declare
  std::vector<const ast::Name*> lets_;                                 // every `let` and `var`
  std::set<std::pair<support::SourceId, std::uint32_t>> read_locals_;  // where those that are read begin
};

/// The last step: a program that breaks its own rules is our mistake. The release is refused and the host goes on.
bool is_sound(const ir::Program& program, Span schema, support::Diagnostics& diagnostics);

bool is_int_literal(const ast::Expr& expression);
/// Whether a type of this kind has exactly the value of an int literal; true for what is no number.
bool int_literal_fits(const ast::Expr& literal, ir::Kind kind);
/// A literal that has no type of its own without an expected one.
bool needs_expected(const ast::Expr& expression);
/// `x?.f` and what stands behind it (`.g`, `[k]`, `.h(y)`): optional as a whole.
bool in_optional_chain(const ast::Expr& expression);
/// `x.?f`, `x[?k]`, `optional.of(x)` and what stands behind them: there each further field or element may be missing too.
bool in_asking_chain(const ast::Expr& expression);
/// The `optional.f` of a call `optional.f(…)`; null for anything else.
const ast::Member* optional_function(const ast::Expr& expression);
/// `absent`, or CEL's `optional.none()`.
bool is_absent(const ast::Expr& expression);
bool is_number(ir::Kind kind);
/// What a word of another language is called here: `length` is `size`.
std::optional<std::string_view> other_spelling(std::string_view word);
/// Calls that bind names for elements: `exists`, `filter` and their like.
bool is_macro(std::string_view name);
std::vector<std::string_view> macro_names();
/// Whether this macro asks an optional of `inner` itself, not what it holds.
bool takes_optional(std::string_view name, ir::Kind inner);
/// "did you mean `size`?"; empty for nothing.
std::string did_you_mean(std::optional<std::string_view> name);
/// `1 argument`, `2 arguments`.
std::string plural(std::size_t count, std::string_view noun);

/// Marks ir::While::turn_fuel of `while true` until ir::meter fills it in: control leaves such a loop by break or return only.
inline constexpr std::int64_t kEndless = -1;

/// Sets the checker's context for one body and puts the old one back.
class ContextScope {
 public:
  ContextScope(Context*& current, Context& next) : current_(current), old_(current) { current = &next; }
  ~ContextScope() { current_ = old_; }
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;

 private:
  Context*& current_;
  Context* old_;
};

/// One lexical scope of names.
class NameScope {
 public:
  explicit NameScope(Context& context) : context_(context) { context.scopes.emplace_back(); }
  ~NameScope() { context_.scopes.pop_back(); }
  NameScope(const NameScope&) = delete;
  NameScope& operator=(const NameScope&) = delete;

 private:
  Context& context_;
};

}  // namespace writ::frontend

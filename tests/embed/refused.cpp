// Each line marked `refused` is a mistake that the compiler must find. refused_test.py compiles this file with both compilers:
// on every such line, and on no other, there must be an error, and the errors must say the words behind the mark. A mark
// `refused (clang)` is a warning of clang's alone, made an error here: what g++ lets pass, a sanitizer build finds when it runs.
#include <writ/writ.hpp>

struct User {
  std::string_view name;
};
struct Owner {
  std::string name;
};
enum class Wide : int { small };
struct Handmade {
  explicit Handmade(std::string_view) {}
  std::string name;
};
template <>
struct writ::Fields<Handmade> {
  static auto list() { return std::tuple{writ::Field{"name", &Handmade::name}}; }
};

using Names = std::span<const std::optional<std::string>>;
using SixNetworks = bool(writ::Cidr, writ::Cidr, writ::Cidr, writ::Cidr, writ::Cidr, writ::Cidr);
using Text = writ::Slot<std::string_view(std::int64_t)>;
using Owned = writ::Slot<std::string(std::int64_t)>;
using Number = writ::Slot<std::int64_t(std::int64_t)>;

// What is right compiles.
std::size_t right(writ::Engine& engine, const Text& text, const Owned& owned, const Number& number) {
  const writ::Pin pin = engine.pin();
  const std::string_view pinned = text(pin, 1);
  const auto result = text.try_call(1);
  const std::string_view view = result ? **result : "";
  const std::string copy = *owned.try_call(1).value();
  return pinned.size() + view.size() + copy.size() + static_cast<std::size_t>(**number.try_call(1) + number(pin, 2));
}

void views(writ::Engine& engine, const Text& text) {
  (void)text(1);                                                // refused: this answer is a view: ask under a Pin
  (void)text.with({.fuel = 1})(2);                              // refused: this answer is a view: ask under a Pin
  const std::string_view a = text(engine.pin(), 3);             // refused: deleted
  const std::string_view b = **text.try_call(4);                // refused: deleted
  const std::string_view c = text.try_call(5).value().value();  // refused: deleted
  (void)(a.size() + b.size() + c.size());
}

void forgotten(writ::Engine& engine, const Text& text) {
  text.try_call(1);         // refused: nodiscard
  engine.stage().commit();  // refused: nodiscard
  engine.pin();             // refused: nodiscard
}

void borrowed(writ::Engine& engine) {
  const auto limited = Number(engine, "n").with({.fuel = 1});  // refused (clang): dangling
  (void)limited;
}

void copies(const Text& text, writ::Engine& engine) {
  const auto result = text.try_call(1);
  const auto second = *result;        // refused: deleted
  const writ::Engine other = engine;  // refused: deleted
  const writ::Pin pin = engine.pin();
  const writ::Pin twice = pin;  // refused: deleted
}

void types(writ::Engine& engine) {
  writ::Slot<float()> a{engine, "a"};                    // refused: no type of a schema has this C++ type
  writ::Slot<bool(Wide)> b{engine, "b"};                 // refused: an enum of a schema is one byte
  writ::Slot<bool(const Owner&)> c{engine, "c"};         // refused: hold a std::string_view instead
  writ::Slot<bool(Names)> d{engine, "d"};                // refused: hold a std::string_view instead
  writ::Slot<bool(std::optional<User>)> e{engine, "e"};  // refused: an optional record, set or map is a pointer
  writ::Slot<SixNetworks> f{engine, "f"};                // refused: at most 16 words
  writ::Slot<Handmade()> g{engine, "g"};                 // refused: a policy cannot make a value of this class
}

void functions(writ::Engine& engine) {
  Text own{engine, "t", [](std::int64_t) { return std::string("gone"); }};  // refused: would outlive what it views
  engine.provide("h.f", [calls = 0](std::int64_t n) mutable { return ++calls, n; });  // refused: signature_of
  engine.provide("h.g", [](std::int64_t) { return Handmade("x"); });  // refused: cannot lie in a call's arena
}

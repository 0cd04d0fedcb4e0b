// Writ in a C++ program: typed policies, compiled to native code, replaced while the program runs.
//
//   writ::Engine engine{writ::Schema::from_file("gateway.writ")};
//   writ::Slot<Verdict(const Request&)> authorize{engine, "authorize"};
//   auto release = engine.stage().source("access.writ", text).commit({.tier = "tenant"});
//   Verdict verdict = authorize(request);
//
// Threads: everything may be used from any thread; calls are wait-free; commits queue behind one another.
// Lifetime: arguments are read during the call only. Slots and pins die before their engine. A result that is a view is asked for
// under a Pin or by try_call, and lives as long as the Pin or the Result.
// Errors: a wrong set-up throws SetupError; what depends on policy text is std::expected; a call gives the slot's else value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <expected>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "writ/schema.hpp"
#include "writ/types.hpp"
#include "writ/values.hpp"
#include "writ/writ.h"

#if defined(__clang__)
#define WRIT_LIFETIMEBOUND [[clang::lifetimebound]]
#else
#define WRIT_LIFETIMEBOUND
#endif

namespace writ {

namespace fleet {
class Follower;
}

// ---- errors ------------------------------------------------------------------------------------

struct Finding {
  std::string code;  // "W2001"
  bool is_error = true;
  std::string message;
  std::string help;  // may be empty
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;  // in code points
};

/// What is wrong with the texts of a release.
class Diagnostics {
 public:
  Diagnostics(std::vector<Finding> findings, std::string pretty)
      : findings_(std::move(findings)), pretty_(std::move(pretty)) {}
  [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }
  /// With source lines, for people.
  [[nodiscard]] const std::string& pretty() const { return pretty_; }

 private:
  std::vector<Finding> findings_;
  std::string pretty_;
};

enum class TrapKind : std::uint8_t {
  none = WRIT_TRAP_NONE,
  out_of_fuel = WRIT_TRAP_OUT_OF_FUEL,
  out_of_memory = WRIT_TRAP_OUT_OF_MEMORY,
  stack_overflow = WRIT_TRAP_STACK_OVERFLOW,
  overflow = WRIT_TRAP_OVERFLOW,
  division_by_zero = WRIT_TRAP_DIVISION_BY_ZERO,
  index_out_of_range = WRIT_TRAP_INDEX_OUT_OF_RANGE,
  no_such_key = WRIT_TRAP_NO_SUCH_KEY,
  invalid_argument = WRIT_TRAP_INVALID_ARGUMENT,
  out_of_bounds_input = WRIT_TRAP_OUT_OF_BOUNDS_INPUT,
  host_error = WRIT_TRAP_HOST_ERROR,
};

/// "out_of_fuel"
[[nodiscard]] inline std::string_view to_string(TrapKind kind) {
  return detail::view_of(writ_trap_spelling(static_cast<std::uint8_t>(kind)));
}

/// The number of a release, counted from 1 in each engine; 0 is the state before the first.
struct ReleaseId {
  std::uint64_t number = 0;
  auto operator<=>(const ReleaseId&) const = default;
};

/// Why a call has no answer of the policy.
struct TrapInfo {
  std::string slot;  // only for Engine::on_trap
  TrapKind kind = TrapKind::none;
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  ReleaseId release;
};

// ---- the handles behind the classes ------------------------------------------------------------

namespace detail {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* handle) const {
    kFree(handle);
  }
};
template <typename T, auto kFree>
using Handle = std::unique_ptr<T, Free<kFree>>;

using ReportHandle = Handle<writ_report, &writ_report_free>;
using StageHandle = Handle<writ_stage, &writ_stage_free>;
using PinHandle = Handle<writ_pin, &writ_pin_free>;
using KeptHandle = Handle<writ_kept, &writ_kept_free>;

inline std::string string_of(writ_text text) { return std::string(view_of(text)); }

inline void throw_if_wrong(writ_report* report) {
  const ReportHandle owned(report);
  if (report != nullptr) throw SetupError(string_of(writ_report_pretty(report)));
}

inline Diagnostics read_report(ReportHandle report) {
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < writ_report_size(report.get()); ++i) {
    const writ_finding finding = writ_report_at(report.get(), i);
    findings.push_back({.code = string_of(finding.code),
                        .is_error = finding.is_error != 0,
                        .message = string_of(finding.message),
                        .help = string_of(finding.help),
                        .file = string_of(finding.file),
                        .line = finding.line,
                        .column = finding.column});
  }
  return {std::move(findings), string_of(writ_report_pretty(report.get()))};
}

}  // namespace detail

// ---- host functions ----------------------------------------------------------------------------

namespace detail {

/// What a host function's result is to the schema: the view of what it owns.
template <typename R>
struct InPlaceOf {
  using Type = R;
};
template <typename R>
using InPlace = typename InPlaceOf<R>::Type;
template <>
struct InPlaceOf<std::string> {
  using Type = std::string_view;
};
template <typename T>
struct InPlaceOf<std::vector<T>> {
  using Type = std::span<const InPlace<T>>;
};
template <typename T>
struct InPlaceOf<std::optional<T>> {
  using Type = std::optional<InPlace<T>>;
};

}  // namespace detail

/// What a host function may ask for while it runs: the first parameter of those that want it.
class CallContext {
 public:
  /// Memory that lives until the policy's call ends, drawn on its quota. Throws std::bad_alloc when there is not enough, which
  /// ends the call in host_error if it is let through.
  [[nodiscard]] void* allocate(std::size_t bytes) {
    void* const memory = writ_host_allocate(call_, bytes);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
  }
  /// A copy there.
  [[nodiscard]] std::string_view copy(std::string_view text) {
    return {static_cast<const char*>(copy_bytes(text.data(), text.size())), text.size()};
  }
  template <typename T>
    requires std::is_trivially_copyable_v<T>
  [[nodiscard]] std::span<const T> copy(std::span<const T> items) {
    return {static_cast<const T*>(copy_bytes(items.data(), items.size_bytes())), items.size()};
  }

 private:
  template <typename Function>
  friend struct HostBody;
  explicit CallContext(writ_host_call* call) : call_(call) {}
  const void* copy_bytes(const void* from, std::size_t bytes) {
    if (bytes == 0) return nullptr;
    return std::memcpy(allocate(bytes), from, bytes);
  }
  writ_host_call* call_;
};

/// Takes a host function's C++ signature apart and calls it with words.
template <typename Function>
struct HostBody {
  /// noexcept: what a host function throws ends here, and the call in host_error.
  static int call(void* context, writ_host_call* call, const std::uint64_t* arguments,
                  std::uint64_t* results) noexcept {
    try {
      CallContext call_context(call);
      // SAFETY: Engine::provide handed this very function over with this context.
      run(*static_cast<const Function*>(context), call_context, arguments, results, &Function::operator());
      return 1;
    } catch (...) {
      return 0;
    }
  }
  static void drop(void* context) { delete static_cast<Function*>(context); }
  static const writ_signature* signature() { return signature_of(&Function::operator()); }

 private:
  // The member's type tells the signature; const: it is called from many threads at once.
  template <typename R, typename... A>
  static const writ_signature* signature_of(R (Function::*)(CallContext&, A...) const) {
    return detail::SignatureOf<InPlace<R>(A...)>::get();
  }
  template <typename R, typename... A>
  static const writ_signature* signature_of(R (Function::*)(A...) const) {
    return detail::SignatureOf<InPlace<R>(A...)>::get();
  }

  template <typename R, typename... A>
  static void run(const Function& function, CallContext& context, const std::uint64_t* arguments,
                  std::uint64_t* results, R (Function::*)(CallContext&, A...) const) {
    finish<R>(context, results, [&]() -> R {
      return detail::with_values<A...>(arguments,
                                       [&](const auto&... values) -> R { return function(context, values...); });
    });
  }
  template <typename R, typename... A>
  static void run(const Function& function, CallContext& context, const std::uint64_t* arguments,
                  std::uint64_t* results, R (Function::*)(A...) const) {
    finish<R>(context, results, [&]() -> R {
      return detail::with_values<A...>(arguments, [&](const auto&... values) -> R { return function(values...); });
    });
  }

  template <typename R>
  using InPlace = detail::InPlace<std::remove_cvref_t<R>>;

  template <typename R, typename Call>
  static void finish(CallContext& context, std::uint64_t* results, const Call& call) {
    using Bare = std::remove_cvref_t<R>;
    if constexpr (std::is_void_v<R>) {
      call();
    } else if constexpr (!std::is_same_v<Bare, InPlace<R>>) {
      detail::Binding<InPlace<R>>::put(settle(context, call()), results);
    } else if constexpr (detail::Binding<Bare>::kIsStored && !std::is_reference_v<R>) {
      static_assert(std::is_trivially_destructible_v<R> && alignof(R) <= 8, "this record cannot lie in a call's arena");
      detail::Binding<R>::put(*new (context.allocate(sizeof(R))) R(call()), results);
    } else {
      detail::Binding<Bare>::put(call(), results);
    }
  }

  /// The view of a value, with all that it owns in the call's arena.
  template <typename T>
  static InPlace<T> settle(CallContext& context, const T& value) {
    if constexpr (std::is_same_v<InPlace<T>, T>) {
      return value;
    } else {
      return settle_owned(context, value);
    }
  }
  static std::string_view settle_owned(CallContext& context, std::string_view text) { return context.copy(text); }
  template <typename T>
  static std::optional<InPlace<T>> settle_owned(CallContext& context, const std::optional<T>& value) {
    return value ? std::optional<InPlace<T>>(settle(context, *value)) : std::nullopt;
  }
  template <typename T>
  static std::span<const InPlace<T>> settle_owned(CallContext& context, const std::vector<T>& items) {
    using Item = InPlace<T>;
    static_assert(std::is_trivially_destructible_v<Item> && alignof(Item) <= 8, "these cannot lie in a call's arena");
    if (items.empty()) return {};
    auto* const first = static_cast<Item*>(context.allocate(items.size() * sizeof(Item)));
    for (std::size_t i = 0; i < items.size(); ++i) new (first + i) Item(settle<T>(context, items[i]));
    return {first, items.size()};
  }
};

// ---- engines -----------------------------------------------------------------------------------

/// Of one call, at most; the tier's quota holds as well. Negative: the tier's.
struct Limits {
  std::int64_t fuel = -1;
  std::int64_t memory = -1;  // bytes
};

struct CommitOptions {
  std::string_view tier = {};  // empty: the schema's first
};

/// What will change in the running release: a text given again under its name replaces, the rest stays. Not thread-safe.
class Stage {
 public:
  /// A policy or library.
  Stage& source(std::string_view name, std::string_view text) {
    writ_stage_source(handle_.get(), detail::text_of(name), detail::text_of(text));
    return *this;
  }
  /// A configuration document, whose name's ending says how it is written: .toml, .json, .yaml; `unit.field=NAME.csv` for rows.
  /// Of several, the later wins.
  Stage& config(std::string_view name, std::string_view text) {
    writ_stage_config(handle_.get(), detail::text_of(name), detail::text_of(text));
    return *this;
  }
  /// A source or document, by the name it was given under.
  Stage& remove(std::string_view name) {
    writ_stage_remove(handle_.get(), detail::text_of(name));
    return *this;
  }
  /// Applies the changes to the release that runs when this commit's turn comes, compiles, and makes the whole visible to all
  /// threads before it returns. On any error nothing changes. Nothing to change: the running release's number.
  [[nodiscard]] std::expected<ReleaseId, Diagnostics> commit(const CommitOptions& options = {}) {
    writ_report* report = nullptr;
    const std::uint64_t number = writ_stage_commit(handle_.get(), detail::text_of(options.tier), &report);
    if (report != nullptr) return std::unexpected(detail::read_report(detail::ReportHandle(report)));
    return ReleaseId{number};
  }

 private:
  friend class Engine;
  explicit Stage(writ_stage* handle) : handle_(handle) {}
  detail::StageHandle handle_;
};

/// Holds one release: calls under it are answered by that release, whatever is committed meanwhile. May last and change
/// threads; delays the freeing of its own release only. Views that were asked for under it live as long as it does.
class Pin {
 public:
  [[nodiscard]] ReleaseId release() const { return {writ_pin_release(get())}; }

 private:
  friend class Engine;
  template <typename Signature>
  friend class Slot;
  explicit Pin(writ_pin* handle) : handle_(handle) {}
  /// Null would mean the running release: a pin that was moved from ends the program instead.
  [[nodiscard]] writ_pin* get() const {
    if (handle_ == nullptr) std::abort();
    return handle_.get();
  }
  detail::PinHandle handle_;
};

struct ReleaseInfo {
  ReleaseId id;
  std::string tier;
  Timestamp committed_at;
  std::size_t unit_count = 0;  // sources and documents
  bool is_running = false;
};

struct SlotStats {
  std::string slot;
  std::uint64_t calls = 0;
  std::uint64_t traps = 0;
  std::uint64_t fuel = 0;
};

class Stats {
 public:
  ReleaseId running;
  std::uint64_t live_releases = 0;  // not freed yet; the state before the first counts as one
  std::uint64_t code_bytes = 0;
  std::uint64_t compiled_units = 0;  // that commits had to compile; the schema's else values count as a unit
  std::uint64_t swaps = 0;
  std::uint64_t refused = 0;        // commits that failed
  std::uint64_t emit_failures = 0;  // `emits` functions that threw, after the decision
  std::vector<SlotStats> slots;

  /// Text format 0.0.4.
  [[nodiscard]] const std::string& prometheus() const { return prometheus_; }

 private:
  friend class Engine;
  std::string prometheus_;
};

/// One schema, its host functions and its releases.
class Engine {
 public:
  /// Throws SetupError when the schema is wrong, or native code cannot be had.
  explicit Engine(const Schema& schema) {
    writ_report* report = nullptr;
    handle_ = writ_engine_make(detail::text_of(schema.name()), detail::text_of(schema.text()), &report);
    detail::throw_if_wrong(report);
  }
  ~Engine() { writ_engine_free(handle_); }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// The body of the schema's function `name` ("geo.country"): a lambda that is not `mutable`, since many threads call it at
  /// once. What it returns as a view must live until the policy's call ends; std::string, std::vector and records are copied
  /// into the call's arena; with a leading CallContext& it can do that itself. What it throws makes the call trap with
  /// host_error; of an `emits` function, which runs after the decision, it is counted. Before the first commit; throws SetupError
  /// when the schema has no such function, its type differs or it has a body.
  template <typename Function>
  Engine& provide(std::string_view name, Function function) {
    using Body = HostBody<Function>;
    auto owned = std::make_unique<Function>(std::move(function));
    detail::throw_if_wrong(writ_engine_provide(handle_, detail::text_of(name), Body::signature(), &Body::call,
                                               owned.release(), &Body::drop));
    return *this;
  }

  /// Called after each call that trapped, on its thread; must not throw. Before the first commit, and once; throws SetupError.
  Engine& on_trap(std::function<void(const TrapInfo&)> handler) {
    using Handler = std::function<void(const TrapInfo&)>;
    const auto call = [](void* context, const writ_trap* trap) noexcept {
      (*static_cast<const Handler*>(context))({.slot = detail::string_of(trap->slot),
                                               .kind = static_cast<TrapKind>(trap->kind),
                                               .file = detail::string_of(trap->file),
                                               .line = trap->line,
                                               .column = trap->column,
                                               .release = {trap->release}});
    };
    const auto drop = [](void* context) { delete static_cast<Handler*>(context); };
    detail::throw_if_wrong(
        writ_engine_on_trap(handle_, call, std::make_unique<Handler>(std::move(handler)).release(), drop));
    return *this;
  }

  [[nodiscard]] Stage stage() { return Stage(writ_stage_make(handle_)); }

  /// Back to the release before the running one; nothing when none is kept (4 are, and the state before the first).
  std::optional<ReleaseId> rollback() {
    ReleaseId release;
    if (writ_engine_rollback(handle_, &release.number) == 0) return std::nullopt;
    return release;
  }

  /// The releases that are kept, the running one first.
  [[nodiscard]] std::vector<ReleaseInfo> history() const {
    const detail::Handle<writ_history, &writ_history_free> history(writ_engine_history(handle_));
    std::vector<ReleaseInfo> list;
    for (std::size_t i = 0; i < writ_history_size(history.get()); ++i) {
      const writ_release_info info = writ_history_at(history.get(), i);
      list.push_back({.id = {info.number},
                      .tier = detail::string_of(info.tier),
                      .committed_at = Timestamp(std::chrono::nanoseconds(info.committed_at)),
                      .unit_count = info.unit_count,
                      .is_running = info.is_running != 0});
    }
    return list;
  }

  [[nodiscard]] Pin pin() const WRIT_LIFETIMEBOUND { return Pin(writ_pin_make(handle_)); }

  [[nodiscard]] Stats stats() const {
    const detail::Handle<writ_stats, &writ_stats_free> taken(writ_stats_take(handle_));
    Stats stats;
    stats.running = {writ_stats_running(taken.get())};
    stats.live_releases = writ_stats_live_releases(taken.get());
    stats.code_bytes = writ_stats_code_bytes(taken.get());
    stats.compiled_units = writ_stats_compiled_units(taken.get());
    stats.swaps = writ_stats_swaps(taken.get());
    stats.refused = writ_stats_refused(taken.get());
    stats.emit_failures = writ_stats_emit_failures(taken.get());
    for (std::size_t i = 0; i < writ_stats_slot_count(taken.get()); ++i) {
      const writ_slot_stats slot = writ_stats_slot(taken.get(), i);
      stats.slots.push_back(
          {.slot = detail::string_of(slot.slot), .calls = slot.calls, .traps = slot.traps, .fuel = slot.fuel});
    }
    stats.prometheus_ = detail::string_of(writ_stats_prometheus(taken.get()));
    return stats;
  }

 private:
  template <typename Signature>
  friend class Slot;
  friend class fleet::Follower;
  writ_engine* handle_ = nullptr;
};

// ---- calls -------------------------------------------------------------------------------------

/// An answer with its circumstances. Views in the value live as long as this: of a Result that is about to end they cannot be
/// taken.
template <typename R>
class Result {
  static constexpr bool kOwns = detail::Binding<R>::kOwns;

 public:
  [[nodiscard]] const R& value() const& WRIT_LIFETIMEBOUND { return value_; }
  [[nodiscard]] const R& operator*() const& WRIT_LIFETIMEBOUND { return value_; }
  [[nodiscard]] const R* operator->() const& WRIT_LIFETIMEBOUND { return &value_; }
  [[nodiscard]] R value() const&&
    requires kOwns
  {
    return value_;
  }
  [[nodiscard]] R operator*() const&&
    requires kOwns
  {
    return value_;
  }
  R value() const&&
    requires(!kOwns)
  = delete;
  R operator*() const&&
    requires(!kOwns)
  = delete;
  const R* operator->() const&& = delete;
  /// Of the rule that decided; empty where it has none.
  [[nodiscard]] const std::string& reason() const& WRIT_LIFETIMEBOUND { return reason_; }
  [[nodiscard]] std::string reason() const&& { return reason_; }
  [[nodiscard]] std::int64_t fuel() const { return fuel_; }
  [[nodiscard]] std::int64_t memory() const { return memory_; }  // bytes
  [[nodiscard]] ReleaseId release() const { return release_; }

 private:
  template <typename Signature>
  friend class Slot;
  Result(detail::KeptHandle kept, R value) : kept_(std::move(kept)), value_(std::move(value)) {}
  detail::KeptHandle kept_;
  R value_;
  std::string reason_;
  std::int64_t fuel_ = 0;
  std::int64_t memory_ = 0;
  ReleaseId release_;
};

/// A place where the program asks a policy. Calls may run on any number of threads at once.
template <typename Signature>
class Slot;

template <typename R, typename... A>
class Slot<R(A...)> {
  using Binding = detail::Binding<R>;
  static_assert(detail::kWordsOf<A...> <= WRIT_MAX_CALL_WORDS, "a slot's arguments take at most 16 words");
  static_assert(!Binding::kIsStored || std::is_trivially_copyable_v<R>, "a policy cannot make a value of this class");

 public:
  using Answer = std::expected<Result<R>, TrapInfo>;

  /// Throws SetupError when the schema has no such slot, or a type or a record's layout differs: the message names the field.
  Slot(Engine& engine, std::string_view name) : Slot(engine, name, nullptr, false) {}
  /// Where the schema says `else host`: `own` answers while no policy is loaded and after a trap.
  template <typename Own>
  Slot(Engine& engine, std::string_view name, Own own) : Slot(engine, name, std::move(own), true) {
    using Given = std::remove_cvref_t<std::invoke_result_t<Own&, A...>>;
    static_assert(Binding::kOwns || std::is_same_v<Given, R> || std::is_pointer_v<Given>,
                  "the slot answers with a view: one of this function's result would outlive what it views");
  }

  /// The policy's answer; without a policy or after a trap the slot's else value. Wait-free. Throws only what the program's own
  /// function throws.
  R operator()(const detail::BareArgument<A>&... arguments) const {
    static_assert(Binding::kOwns, "this answer is a view: ask under a Pin, or by try_call");
    return ask(nullptr, nullptr, arguments...);
  }
  /// The same by the pinned release.
  R operator()(const Pin& pin WRIT_LIFETIMEBOUND, const detail::BareArgument<A>&... arguments) const {
    return ask(pin.get(), nullptr, arguments...);
  }
  R operator()(const Pin&& pin, const detail::BareArgument<A>&... arguments) const
    requires(!Binding::kOwns)
  = delete;
  /// With its reason and what it used; an error when the policy trapped.
  [[nodiscard]] Answer try_call(const detail::BareArgument<A>&... arguments) const {
    return try_ask(nullptr, nullptr, arguments...);
  }
  /// The same by the pinned release. The result does not need the pin.
  [[nodiscard]] Answer try_call(const Pin& pin, const detail::BareArgument<A>&... arguments) const {
    return try_ask(pin.get(), nullptr, arguments...);
  }

  /// The slot with limits of the caller's own beside those of the tier. Borrows the slot.
  class Limited {
   public:
    R operator()(const detail::BareArgument<A>&... arguments) const {
      static_assert(Binding::kOwns, "this answer is a view: ask under a Pin, or by try_call");
      return slot_.ask(nullptr, &limits_, arguments...);
    }
    R operator()(const Pin& pin WRIT_LIFETIMEBOUND, const detail::BareArgument<A>&... arguments) const {
      return slot_.ask(pin.get(), &limits_, arguments...);
    }
    R operator()(const Pin&& pin, const detail::BareArgument<A>&... arguments) const
      requires(!Binding::kOwns)
    = delete;
    [[nodiscard]] Answer try_call(const detail::BareArgument<A>&... arguments) const {
      return slot_.try_ask(nullptr, &limits_, arguments...);
    }
    [[nodiscard]] Answer try_call(const Pin& pin, const detail::BareArgument<A>&... arguments) const {
      return slot_.try_ask(pin.get(), &limits_, arguments...);
    }

   private:
    friend class Slot;
    Limited(const Slot& slot, const Limits& limits) : slot_(slot), limits_{limits.fuel, limits.memory} {}
    const Slot& slot_;
    writ_limits limits_;
  };
  [[nodiscard]] Limited with(const Limits& limits) const WRIT_LIFETIMEBOUND { return Limited(*this, limits); }

 private:
  using Words = detail::Words<A...>;

  Slot(Engine& engine, std::string_view name, std::function<R(A...)> own, bool answers_itself) : own_(std::move(own)) {
    writ_report* report = nullptr;
    handle_.reset(writ_slot_make(engine.handle_, detail::text_of(name), detail::SignatureOf<R(A...)>::get(),
                                 answers_itself ? 1 : 0, &report));
    detail::throw_if_wrong(report);
  }

  /// An answer whose memory is still the call's.
  struct Open {
    Open(const writ_slot* slot, const writ_pin* pin, const writ_limits* limits, const std::uint64_t* arguments) {
      writ_open(slot, pin, limits, arguments, &answer);
    }
    ~Open() { writ_close(&answer); }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    writ_answer answer;
  };

  R ask(writ_pin* pin, const writ_limits* limits, const detail::BareArgument<A>&... arguments) const {
    const Words words(arguments...);
    if constexpr (!Binding::kHasAddress) {
      if (limits == nullptr) {
        std::uint64_t answer[WRIT_MAX_WORDS];
        if (writ_call(handle_.get(), pin, words.at, answer) == WRIT_ANSWER_HOST) return own_(arguments...);
        return Binding::get(answer);
      }
    }
    {
      Open open(handle_.get(), pin, limits, words.at);
      if (open.answer.source != WRIT_ANSWER_HOST) {
        if constexpr (!Binding::kOwns) writ_keep_in_pin(pin, &open.answer);
        return Binding::get(open.answer.words);
      }
    }
    return own_(arguments...);
  }

  Answer try_ask(writ_pin* pin, const writ_limits* limits, const detail::BareArgument<A>&... arguments) const {
    const Words words(arguments...);
    ReleaseId asked;
    {
      Open open(handle_.get(), pin, limits, words.at);
      if (open.answer.trap != WRIT_TRAP_NONE) return std::unexpected(trap_info(open.answer));
      if (open.answer.source != WRIT_ANSWER_HOST) return result(open.answer);
      asked = {open.answer.release};
    }
    Result<R> result(nullptr, own_(arguments...));
    result.release_ = asked;
    return result;
  }

  static Result<R> result(writ_answer& answer) {
    detail::KeptHandle kept;
    if constexpr (!Binding::kOwns) kept.reset(writ_keep(&answer));
    Result<R> result(std::move(kept), Binding::get(answer.words));
    result.reason_ = detail::string_of(answer.reason);
    result.fuel_ = answer.fuel;
    result.memory_ = answer.memory;
    result.release_ = {answer.release};
    return result;
  }

  static TrapInfo trap_info(const writ_answer& answer) {
    return {.slot = {},
            .kind = static_cast<TrapKind>(answer.trap),
            .file = detail::string_of(answer.trap_file),
            .line = answer.trap_line,
            .column = answer.trap_column,
            .release = {answer.release}};
  }

  detail::Handle<writ_slot, &writ_slot_free> handle_;
  std::function<R(A...)> own_;
};

}  // namespace writ

#undef WRIT_LIFETIMEBOUND

#include <fmt/format.h>

#include <bit>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "bench/measure.h"
#include "bench/rule_side.h"
#include "host/budget.h"
#include "host/loader.h"
#include "host/native_release.h"
#include "host/release.h"
#include "host/slice_cache.h"
#include "ir/slice.h"
#include "jit/jit.h"
#include "jit/module.h"
#include "support/deep_stack.h"
#include "support/diagnostic.h"

namespace writ::bench {
namespace {

// Everything that a host keeps for one loaded policy. Destroyed in reverse order: the stub before the code it leads to.
struct Loaded {
  host::Release release;
  std::unique_ptr<jit::Session> session;
  std::unique_ptr<host::SliceCache> cache;
  std::vector<host::CompiledSlice> slices;
  std::optional<host::NativeRelease> code;
  std::unique_ptr<jit::Program> program;
};

constexpr jit::Module kModule = {.compile = &jit::compile, .create_session = &jit::Session::create, .call = &jit::call};

std::expected<host::Release, std::string> check_rule() {
  host::Sources sources;
  for (const char* name : {"gate.writ", "access.writ"}) {
    host::add_unit(sources, name, read_source(fmt::format("bench/rule/{}", name)));
  }
  std::optional<host::Release> release;
  if (!sources.diagnostics.has_errors()) release = host::check_release(sources, {});
  if (release) return *std::move(release);
  const std::vector<support::Diagnostic> errors = sources.diagnostics.sorted();
  return std::unexpected(errors.empty() ? "not accepted" : support::render_short(errors.front(), sources.map));
}

struct FieldPlace {
  std::string_view name;
  std::size_t offset;
};
constexpr FieldPlace kFieldPlaces[] = {
    {"role", offsetof(Request, role)},           {"department", offsetof(Request, department)},
    {"clearance", offsetof(Request, clearance)}, {"address", offsetof(Request, address)},
    {"path", offsetof(Request, path)},
};

// The first field that C++ lays out elsewhere than the compiler does.
std::optional<std::string_view> misplaced_field(const ir::Program& program) {
  const ir::TypeId type = program.slots.front().parameters.front().type;
  const ir::RecordType& record = program.types.record_type(program.types[type].decl);
  if (record.size != sizeof(Request) || record.fields.size() != std::size(kFieldPlaces)) return record.name;
  for (std::size_t i = 0; i < std::size(kFieldPlaces); ++i) {
    const ir::Field& field = record.fields[i];
    if (field.name != kFieldPlaces[i].name || field.offset != kFieldPlaces[i].offset) return field.name;
  }
  return std::nullopt;
}

std::expected<Loaded, std::string> load_rule(Limits limits) {
  auto release = check_rule();
  if (!release) return std::unexpected(release.error());
  if (const auto field = misplaced_field(release->program)) {
    return std::unexpected(fmt::format("{} lies elsewhere in C++", *field));
  }
  Loaded loaded{.release = *std::move(release),
                .session = nullptr,
                .cache = std::make_unique<host::SliceCache>(),
                .slices = {},
                .code = std::nullopt,
                .program = nullptr};
  const ir::Program& checked = loaded.release.program;
  const ir::Config& config = loaded.release.config;
  const jit::Options options{
      .stack = loaded.release.budget.stack, .limits = limits != Limits::kOff, .proven = limits == Limits::kProven};
  auto slices = loaded.cache->compile(kModule, checked, config, ir::cut(checked, config, /*tests=*/false), options);
  if (!slices) return std::unexpected(slices.error().message);
  loaded.slices = *std::move(slices);
  auto session = jit::Session::create();
  if (!session) return std::unexpected(session.error());
  loaded.session = *std::move(session);
  auto code = host::NativeRelease::link(*loaded.cache, *loaded.session, checked, loaded.slices);
  if (!code) return std::unexpected(code.error());
  loaded.code = *std::move(code);
  auto program = loaded.session->make_program(loaded.code->slots().data());
  if (!program) return std::unexpected(program.error());
  loaded.program = *std::move(program);
  return loaded;
}

// The entry of the only slot as a C++ function: the frame, then the record's address as its one word.
using PermitEntry = runtime::Result (*)(runtime::Frame* frame, std::uint64_t request);

class WritSide final : public Side {
 public:
  explicit WritSide(Loaded loaded)
      : loaded_(std::move(loaded)), arena_(static_cast<std::size_t>(loaded_.release.budget.memory)) {
    frame_.native_stack_end = support::native_stack_end();
    frame_.hash_seed = host::hash_seed();
  }

  void decide(const Pass& pass, std::span<std::uint8_t> answers) override {
    for (std::size_t i = 0; i < pass.arranged.size(); ++i) {
      answers[i] = permit(pass.arranged[i]) ? 1 : 0;
    }
  }

  /// What the last call took.
  [[nodiscard]] std::int64_t fuel_used() const { return loaded_.release.budget.fuel - frame_.fuel; }

 private:
  bool permit(const Request& request) {
    const jit::SlotCode& slot = loaded_.program->current()[0];
    const runtime::Result result = call(slot.call, request);
    if (runtime::status_trap(result.status) != runtime::Trap::kNone) [[unlikely]] {
      return call(slot.otherwise, request).word != 0;
    }
    return result.word != 0;
  }

  runtime::Result call(jit::Entry entry, const Request& request) {
    frame_.fuel = loaded_.release.budget.fuel;
    frame_.arena_next = arena_.data();
    frame_.arena_end = arena_.data() + arena_.size();
    frame_.stack_left = loaded_.release.budget.stack;
    // SAFETY: the entry was made for a slot of one record, whose layout was compared when the side was made.
    return reinterpret_cast<PermitEntry>(const_cast<void*>(entry))(&frame_, std::bit_cast<std::uint64_t>(&request));
  }

  Loaded loaded_;
  std::vector<std::byte> arena_;
  runtime::Frame frame_{};
};

}  // namespace

MadeSide make_writ_side(Limits limits) {
  auto loaded = load_rule(limits);
  if (!loaded) return std::unexpected(loaded.error());
  auto side = std::make_unique<WritSide>(*std::move(loaded));
  const Request guest{};
  std::uint8_t answer = 0;
  side->decide({.arranged = {&guest, 1}, .order = {}}, {&answer, 1});
  if ((side->fuel_used() > 0) != (limits == Limits::kOn)) {
    return std::unexpected(fmt::format("a call took {} units of fuel", side->fuel_used()));
  }
  return side;
}

}  // namespace writ::bench

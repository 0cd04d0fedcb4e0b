#include "tools/emit.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "frontend/ast_printer.h"
#include "frontend/parser.h"
#include "ir/print.h"

namespace writ::tools {
namespace {

constexpr std::pair<const char*, Stage> kStages[] = {
#define WRIT_STAGE(name, spelling) {spelling, Stage::k##name},
#include "tools/stages.def"
#undef WRIT_STAGE
};

std::vector<std::string> spellings() {
  std::vector<std::string> names;
  for (const auto& [spelling, stage] : kStages) names.emplace_back(spelling);
  return names;
}

std::string tokens_text(const Stages& stages) {
  std::string text;
  support::Diagnostics ignored;  // the texts were parsed before: nothing is wrong
  for (const support::SourceId unit : stages.units) {
    text += frontend::dump_tokens(stages.sources->file(unit), ignored);
  }
  return text;
}

std::string trees_text(const Stages& stages) {
  std::string text;
  for (const ast::File* tree : stages.trees) text += frontend::print_ast(*tree);
  if (stages.expression != nullptr) text += frontend::print_ast(*stages.expression);
  return text;
}

/// One module after another.
std::string native_text(const Stages& stages, std::string jit::Object::* kept) {
  std::string text;
  if (stages.native == nullptr) return text;
  for (const host::CompiledSlice& compiled : stages.native->slices()) text += compiled.object->object.*kept;
  return text;
}

std::string stage_text(Stage stage, const Stages& stages) {
  switch (stage) {
    case Stage::kTokens:
      return tokens_text(stages);
    case Stage::kAst:
      return trees_text(stages);
    case Stage::kIr:
      return stages.program != nullptr ? ir::print(*stages.program) : "";
    case Stage::kLlvm:
      return native_text(stages, &jit::Object::llvm);
    case Stage::kLlvmOpt:
      return native_text(stages, &jit::Object::llvm_opt);
    case Stage::kAsm:
      return stages.native != nullptr ? stages.native->disassembly() : "";
    case Stage::kFuel:
      break;  // a figure of each call, shown with its answer
  }
  return {};
}

}  // namespace

std::set<Stage> EmitArguments::stages() const {
  std::set<Stage> wanted;
  for (const auto& [spelling, stage] : kStages) {
    if (std::ranges::count(names, std::string_view(spelling)) != 0) wanted.insert(stage);
  }
  return wanted;
}

void add_emit_option(CLI::App& app, EmitArguments& arguments) {
  app.add_option("--emit", arguments.names, fmt::format("Stages to show: {}", fmt::join(spellings(), ", ")))
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember(spellings()))
      ->type_name("STAGE,…");
}

bool needs_native(const std::set<Stage>& stages) {
  return stages.contains(Stage::kLlvm) || stages.contains(Stage::kLlvmOpt) || stages.contains(Stage::kAsm);
}

void print_stages(const std::set<Stage>& wanted, const Stages& stages, Console& console) {
  for (const Stage stage : wanted) {
    std::string text = stage_text(stage, stages);
    if (text.empty()) continue;
    if (!text.ends_with('\n')) text += '\n';
    console.print(text);
  }
}

}  // namespace writ::tools

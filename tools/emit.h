// --emit: every stage between text and native code, as text on standard output.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "frontend/ast.h"
#include "host/engine.h"
#include "ir/program.h"
#include "support/source.h"
#include "tools/console.h"

namespace writ::tools {

/// In the order of the pipeline.
enum class Stage : std::uint8_t {
#define WRIT_STAGE(name, spelling) k##name,
#include "tools/stages.def"
#undef WRIT_STAGE
};

struct EmitArguments {
  std::vector<std::string> names;
  [[nodiscard]] std::set<Stage> stages() const;
};
void add_emit_option(CLI::App& app, EmitArguments& arguments);

/// Whether a stage needs native code.
[[nodiscard]] bool needs_native(const std::set<Stage>& stages);

/// What there is to show. Stages that lack their subject are left out.
struct Stages {
  const support::SourceMap* sources = nullptr;
  std::vector<support::SourceId> units;        // tokens
  std::vector<const ast::File*> trees;         // ast
  const ast::Expr* expression = nullptr;       // ast
  const ir::Program* program = nullptr;        // ir
  const host::NativeEngine* native = nullptr;  // llvm, llvm-opt, asm
};
void print_stages(const std::set<Stage>& wanted, const Stages& stages, Console& console);

}  // namespace writ::tools

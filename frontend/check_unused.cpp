#include "frontend/checker.h"

namespace writ::frontend {

// ---- what is used --------------------------------------------------------------------------------

const Symbol* Checker::use_symbol(std::string_view name) { return use_symbol(name, *context_->unit); }

const Symbol* Checker::use_symbol(std::string_view name, const Unit& unit) {
  const Symbol* symbol = find_symbol(name, unit);
  if (symbol == nullptr) return nullptr;
  used_symbols_.insert(symbol);
  used_imports_.emplace(&unit, name);
  return symbol;
}

const Unit* Checker::use_library(std::string_view name) {
  const auto found = context().unit->qualified.find(name);
  if (found == context().unit->qualified.end()) return nullptr;
  used_imports_.emplace(context().unit, name);
  return found->second;
}

// ---- what is not ---------------------------------------------------------------------------------

void Checker::warn_of_unused(const Unit& unit) {
  for (const ast::Decl& decl : unit.file->decls) {
    if (const auto* use = std::get_if<ast::Use>(&decl.node)) warn_of_unused(unit, *use);
  }
  const bool is_library = unit.file->kind == ast::UnitKind::kLibrary;
  for (const auto& [name, symbol] : unit.symbols) {
    // What a library does not keep to itself is there for units that may come.
    if ((is_library && !symbol.is_private) || used_symbols_.contains(&symbol)) continue;
    error(Code::kUnusedName, symbol.span, "nothing uses `" + name + "`").help = "remove it";
  }
}

void Checker::warn_of_unused(const Unit& unit, const ast::Use& use) {
  if (use.names.empty() && !used_imports_.contains({&unit, use.unit.text})) {
    error(Code::kUnusedUse, use.unit.span, "nothing here is of library " + use.unit.text).help = "remove the line";
  }
  for (const ast::Name& name : use.names) {
    if (used_imports_.contains({&unit, name.text})) continue;
    error(Code::kUnusedUse, name.span, "nothing here uses `" + name.text + "`").help = "remove it from this line";
  }
}

void Checker::warn_of_unread_locals() {
  for (const ast::Name* let : lets_) {
    if (read_locals_.contains({let->span.source, let->span.begin})) continue;
    error(Code::kUnusedLocal, let->span, "nothing reads `" + let->text + "`").help = "remove it";
  }
}

}  // namespace writ::frontend

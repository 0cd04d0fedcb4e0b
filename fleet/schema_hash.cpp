#include "fleet/schema_hash.h"

#include <string>

#include "frontend/ast_printer.h"
#include "frontend/parser.h"
#include "support/diagnostic.h"
#include "support/source.h"

namespace writ::fleet {

Hash schema_hash(const ast::File& schema) {
  return hash_of("writ schema 1\n" + frontend::print_ast(schema, frontend::Docs::kLeftOut));
}

std::optional<Hash> schema_hash(std::string_view text) {
  const support::SourceFile source(0, "schema", std::string(text));
  support::Diagnostics diagnostics;
  const std::optional<ast::File> schema = frontend::parse(source, diagnostics);
  if (!schema || schema->kind != ast::UnitKind::kSchema) return std::nullopt;
  return schema_hash(*schema);
}

}  // namespace writ::fleet

// A schema as a host program brings it: a text, from a file or made from the program's own C++ types.
//
// A derived schema is the same text that an author would read: print it, keep it beside the policies, and let `writ check` use
// it. What a C++ type cannot say (bounds, defaults, docs) is written by hand in a schema file instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "writ/types.hpp"

namespace writ {

/// A host program that is put together wrongly: thrown at set-up only, never by a call or a commit.
class SetupError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Schema {
 public:
  /// Throws SetupError when the file cannot be read. Its content is judged by the Engine.
  [[nodiscard]] static Schema from_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text;
    for (char part[4096]; file.read(part, sizeof part), file.gcount() > 0;) {
      text.append(part, static_cast<std::size_t>(file.gcount()));
    }
    if (!file.is_open() || file.bad()) throw SetupError("the schema cannot be read: " + path);
    return from_text(std::move(text), path);
  }
  [[nodiscard]] static Schema from_text(std::string text, std::string name = "schema.writ") {
    return Schema(std::move(name), std::move(text));
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  /// As diagnostics call it.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  Schema(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {}
  std::string name_;
  std::string text_;
};

struct TierQuota {
  std::vector<std::string> grants;  // capabilities
  std::int64_t fuel = 100'000;
  std::int64_t memory = std::int64_t{64} * 1024;  // bytes
  std::int64_t stack = std::int64_t{64} * 1024;   // bytes
};

/// A schema from C++ types:
///   auto schema = writ::SchemaOf("gateway").slot<Verdict(const Request&)>("authorize", {"req"}, "else deny")
///                     .reads<std::string_view(writ::Ip)>("geo", "country", {"address"}, 200).tier("tenant", {.grants = {"geo"}}).schema();
class SchemaOf {
 public:
  explicit SchemaOf(std::string name) : name_(std::move(name)) {}

  /// `otherwise` is "else VALUE" or "else host". The records and enums of the signature are declared too.
  template <typename Signature>
  SchemaOf& slot(std::string_view name, std::initializer_list<std::string_view> parameters,
                 std::string_view otherwise) {
    slots_ += "slot " + function<Signature>(name, parameters) + " " + std::string(otherwise) + "\n";
    return *this;
  }
  template <typename Signature>
  SchemaOf& pure(std::string_view capability, std::string_view name, std::initializer_list<std::string_view> parameters,
                 std::int64_t cost) {
    return host_function<Signature>("pure", capability, name, parameters, cost);
  }
  template <typename Signature>
  SchemaOf& reads(std::string_view capability, std::string_view name,
                  std::initializer_list<std::string_view> parameters, std::int64_t cost) {
    return host_function<Signature>("reads", capability, name, parameters, cost);
  }
  template <typename Signature>
  SchemaOf& emits(std::string_view capability, std::string_view name,
                  std::initializer_list<std::string_view> parameters, std::int64_t cost) {
    return host_function<Signature>("emits", capability, name, parameters, cost);
  }
  SchemaOf& tier(std::string_view name, const TierQuota& quota) {
    tiers_ += "tier " + std::string(name) + " {\n";
    for (std::size_t i = 0; i < quota.grants.size(); ++i) {
      tiers_ += (i == 0 ? "  grants " : ", ") + quota.grants[i] + (i + 1 == quota.grants.size() ? "\n" : "");
    }
    tiers_ += "  fuel " + std::to_string(quota.fuel) + "\n  memory " + std::to_string(quota.memory) + "\n  stack " +
              std::to_string(quota.stack) + "\n}\n";
    return *this;
  }

  [[nodiscard]] Schema schema() const {
    std::string text = "schema " + name_ + "\n\n" + types_;
    for (const auto& [capability, functions] : capabilities_) {
      text += "capability " + capability + " {\n" + functions + "}\n";
    }
    return Schema::from_text(text + slots_ + tiers_, name_ + ".writ");
  }

 private:
  template <typename Signature>
  SchemaOf& host_function(std::string_view effect, std::string_view capability, std::string_view name,
                          std::initializer_list<std::string_view> parameters, std::int64_t cost) {
    const std::string line = "  " + std::string(effect) + " fn " + function<Signature>(name, parameters) + " cost " +
                             std::to_string(cost) + "\n";
    for (auto& [known, functions] : capabilities_) {
      if (known != capability) continue;
      functions += line;
      return *this;
    }
    capabilities_.emplace_back(capability, line);
    return *this;
  }

  template <typename Signature>
  std::string function(std::string_view name, std::initializer_list<std::string_view> parameters) {
    const writ_signature& signature = *detail::SignatureOf<Signature>::get();
    if (signature.parameter_count != parameters.size()) {
      throw SetupError(std::string(name) + ": give each parameter a name");
    }
    std::string text = std::string(name) + "(";
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      text += (i == 0 ? "" : ", ") + std::string(parameters.begin()[i]) + ": " + type(*signature.parameters[i]);
    }
    text += ")";
    return signature.result == nullptr ? text : text + " -> " + type(*signature.result);
  }

  std::string type(const writ_type& type) {
    switch (type.kind) {
      case WRIT_BOOL:
        return "bool";
      case WRIT_INT:
        return "int";
      case WRIT_UINT:
        return "uint";
      case WRIT_DOUBLE:
        return "double";
      case WRIT_STRING:
        return "string";
      case WRIT_BYTES:
        return "bytes";
      case WRIT_TIMESTAMP:
        return "timestamp";
      case WRIT_DURATION:
        return "duration";
      case WRIT_IP:
        return "ip";
      case WRIT_CIDR:
        return "cidr";
      case WRIT_ENUM:
      case WRIT_RECORD:
        return declare(type);
        // NOLINTBEGIN(clang-analyzer-core.NonNullParamChecker): these kinds have a first type, and maps a second
      case WRIT_LIST:
        return "list<" + this->type(*type.first) + ">";
      case WRIT_SET:
        return "set<" + this->type(*type.first) + ">";
      case WRIT_MAP:
        return "map<" + this->type(*type.first) + ", " + this->type(*type.second) + ">";
      case WRIT_OPTIONAL:
        return this->type(*type.first) + "?";
        // NOLINTEND(clang-analyzer-core.NonNullParamChecker)
    }
    return {};
  }

  std::string declare(const writ_type& type) {
    std::string name(detail::view_of(type.name));
    if (!declared_.insert(name).second) return name;
    std::string text = (type.kind == WRIT_ENUM ? "enum " : "record ") + name + " {";
    for (std::size_t i = 0; i < type.enumerator_count; ++i) {
      text += (i == 0 ? " " : ", ") + std::string(detail::view_of(type.enumerators[i]));
    }
    for (std::size_t i = 0; i < type.field_count; ++i) {
      const writ_field& field = type.fields[i];
      text += "\n  " + std::string(detail::view_of(field.name)) + ": " + this->type(*field.type);
    }
    types_ += text + (type.kind == WRIT_ENUM ? " }\n" : "\n}\n");
    return name;
  }

  std::string name_;
  std::string types_;  // those that others need first
  std::string slots_;
  std::string tiers_;
  std::vector<std::pair<std::string, std::string>> capabilities_;
  std::set<std::string> declared_;
};

}  // namespace writ

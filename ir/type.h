// Types of the language, interned: two equal types have one TypeId.
//
// Bounds are part of a type (`string(..64)` is not `string`), so that a read knows what to check; assignability ignores them
// (`shape`). Records and enums are nominal and live in the same table. A Types value is copied from the schema's and extended
// by a release's own types, so ids of a schema stay valid in every release of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "runtime/abi.h"
#include "support/source.h"

namespace writ::ir {

using runtime::Kind;
using TypeId = std::uint32_t;
using RecordId = std::uint32_t;
using EnumId = std::uint32_t;

/// Both ends included. For int and timestamp-like kinds a number; for uint its bits; for double its bits; for string, bytes
/// and collections a size (bytes or elements).
struct Bound {
  std::optional<std::int64_t> low;
  std::optional<std::int64_t> high;
  auto operator<=>(const Bound&) const = default;
  [[nodiscard]] bool empty() const { return !low && !high; }
};

struct Type {
  Kind kind = Kind::kBool;
  TypeId first = 0;        // element, key, or the T of T?
  TypeId second = 0;       // a map's value
  std::uint32_t decl = 0;  // RecordId or EnumId
  Bound bound = {};
  auto operator<=>(const Type&) const = default;
};

struct Field {
  std::string name;
  TypeId type = 0;
  std::uint32_t offset = 0;                   // bytes from the record's start
  std::optional<std::uint32_t> initial = {};  // constant that serves when the field is left out (ConstantId)
  std::string doc = {};
  support::Span span = {};
};

struct RecordType {
  std::string name;
  std::string unit = {};
  std::vector<Field> fields = {};
  std::uint32_t size = 0;  // bytes, a multiple of align
  std::uint32_t align = 1;
  std::string doc = {};
  support::Span span = {};
  [[nodiscard]] std::optional<std::uint32_t> field(std::string_view name) const;
};

struct EnumType {
  std::string name;
  std::string unit = {};
  bool ordered = false;
  std::vector<std::string> enumerators = {};
  std::string doc = {};
  support::Span span = {};
  [[nodiscard]] std::optional<std::uint32_t> enumerator(std::string_view name) const;
};

/// How a type lies in memory; see runtime/abi.h.
struct Storage {
  std::uint32_t size = 0;
  std::uint32_t align = 1;
};

class Types {
 public:
  Types();

  // plain types, without bounds
  [[nodiscard]] TypeId plain(Kind kind) const;  // kBool … kCidr
  TypeId list(TypeId element) { return intern({.kind = Kind::kList, .first = element}); }
  TypeId set(TypeId element) { return intern({.kind = Kind::kSet, .first = element}); }
  TypeId map(TypeId key, TypeId value) { return intern({.kind = Kind::kMap, .first = key, .second = value}); }
  TypeId optional(TypeId inner) { return intern({.kind = Kind::kOptional, .first = inner}); }
  /// T?; of a T? itself.
  TypeId as_optional(TypeId type) { return kind(type) == Kind::kOptional ? type : optional(type); }
  /// The T of a T?; of anything else itself.
  [[nodiscard]] TypeId inner(TypeId type) const { return kind(type) == Kind::kOptional ? types_[type].first : type; }
  TypeId record(RecordId id) { return intern({.kind = Kind::kRecord, .decl = id}); }
  TypeId enumeration(EnumId id) { return intern({.kind = Kind::kEnum, .decl = id}); }
  TypeId with_bound(TypeId type, Bound bound);
  TypeId intern(const Type& type);

  [[nodiscard]] const Type& operator[](TypeId id) const { return types_[id]; }
  [[nodiscard]] Kind kind(TypeId id) const { return types_[id].kind; }

  /// The same type without any bounds, at every depth.
  TypeId shape(TypeId type);

  RecordId add_record(RecordType record);
  EnumId add_enum(EnumType enumeration);
  [[nodiscard]] RecordType& record_type(RecordId id) { return records_[id]; }
  [[nodiscard]] const RecordType& record_type(RecordId id) const { return records_[id]; }
  [[nodiscard]] EnumType& enum_type(EnumId id) { return enums_[id]; }
  [[nodiscard]] const EnumType& enum_type(EnumId id) const { return enums_[id]; }
  [[nodiscard]] std::size_t record_count() const { return records_.size(); }
  [[nodiscard]] std::size_t enum_count() const { return enums_.size(); }
  [[nodiscard]] std::size_t size() const { return types_.size(); }

  /// Sets offsets, size and alignment of a record in declaration order; the records it holds by value must be laid out.
  void lay_out(RecordId id);

  [[nodiscard]] Storage storage(TypeId type) const;
  /// Words of a value (1..4); see runtime/abi.h.
  [[nodiscard]] std::uint32_t words(TypeId type) const;
  /// Distance of two elements of a list, set (key only) in bytes.
  [[nodiscard]] std::uint32_t stride(TypeId element) const;
  /// A map entry: where the value starts behind the key, and the distance of two entries. For a set: the key alone.
  struct EntryLayout {
    std::uint32_t value_offset;
    std::uint32_t stride;
  };
  [[nodiscard]] EntryLayout entry_layout(TypeId set_or_map) const;

  /// `list<string(..64)>(..32)?`, as an author would write it.
  [[nodiscard]] std::string text(TypeId type) const;

 private:
  std::vector<Type> types_;
  std::map<Type, TypeId> ids_;
  std::vector<RecordType> records_;
  std::vector<EnumType> enums_;
};

/// Whether a T? of this inner kind is one nullable address (record, set, map) instead of T's words and a flag.
[[nodiscard]] constexpr bool optional_is_address(Kind inner) {
  return inner == Kind::kRecord || inner == Kind::kSet || inner == Kind::kMap;
}

}  // namespace writ::ir

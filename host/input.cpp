#include "host/input.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "host/budget.h"
#include "ir/cost.h"
#include "ir/image.h"
#include "runtime/table.h"
#include "stdlib/convert.h"
#include "stdlib/net.h"
#include "stdlib/time.h"
#include "support/base64.h"
#include "support/diagnostic.h"
#include "support/limits.h"
#include "support/utf8.h"

namespace writ::host {
namespace {

namespace json = simdjson::ondemand;
using ir::Kind;
using ir::TypeId;
using ir::Words;

/// Doubles below this hold every integer exactly.
constexpr double kExactDoubles = 9007199254740992.0;  // 2^53
constexpr std::size_t kShownBytes = 40;               // of a text that is quoted in a message

/// A field of a record or a parameter of the slot.
struct Member {
  std::string name;
  TypeId type;
  std::optional<Words> initial;  // when it is left out
};

std::string_view type_name(json::json_type type) {
  switch (type) {
    case json::json_type::array:
      return "list";
    case json::json_type::object:
      return "object";
    case json::json_type::number:
      return "number";
    case json::json_type::string:
      return "string";
    case json::json_type::boolean:
      return "bool";
    case json::json_type::null:
      return "null";
  }
  return "something else";
}

std::string shown(std::string_view text) {
  return support::printable(text.size() <= kShownBytes ? std::string(text)
                                                       : std::string(text.substr(0, kShownBytes)) + "…");
}

std::string_view trimmed(std::string_view token) { return token.substr(0, token.find_last_not_of(" \t\r\n") + 1); }

/// The double that a token spells. simdjson 3.0's get_number() gives 0.0 for one with more than 19 digits.
double real(std::string_view token) {
  double value = 0;
  std::from_chars(token.data(), token.data() + token.size(), value);
  return value;
}

std::optional<std::int64_t> as_int(const json::number& number, std::string_view token) {
  switch (number.get_number_type()) {
    case json::number_type::signed_integer:
      return number.get_int64();
    case json::number_type::unsigned_integer:
      return std::nullopt;  // only what int64 cannot hold
    case json::number_type::floating_point_number:
      break;
  }
  const double value = real(token);
  if (std::trunc(value) != value || std::abs(value) >= kExactDoubles) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::optional<std::uint64_t> as_uint(const json::number& number, std::string_view token) {
  if (number.get_number_type() == json::number_type::unsigned_integer) return number.get_uint64();
  const std::optional<std::int64_t> value = as_int(number, token);
  if (!value || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

std::optional<double> as_double(const json::number& number, std::string_view token) {
  switch (number.get_number_type()) {
    case json::number_type::floating_point_number:
      return real(token);
    case json::number_type::signed_integer: {
      const std::int64_t value = number.get_int64();
      const auto near = static_cast<double>(value);
      if (near >= 0x1p63 || static_cast<std::int64_t>(near) != value) return std::nullopt;
      return near;
    }
    case json::number_type::unsigned_integer: {
      const std::uint64_t value = number.get_uint64();
      const auto near = static_cast<double>(value);
      if (near >= 0x1p64 || static_cast<std::uint64_t>(near) != value) return std::nullopt;
      return near;
    }
  }
  return std::nullopt;
}

Words int_words(std::int64_t value) { return {static_cast<std::uint64_t>(value)}; }
Words ip_words(runtime::Ip ip) { return {ip.high, ip.low}; }
Words cidr_words(const runtime::Cidr& cidr) {
  return {cidr.network.high, cidr.network.low, static_cast<std::uint64_t>(cidr.prefix)};
}

}  // namespace

/// Reads members straight into their storage. Every read_… gives false after fail(); path_ then names the place.
class InputReader::State {
 public:
  State(const ir::Program& program, std::span<const ir::Local> parameters, InputShape shape)
      : program_(program),
        types_(program.types),
        parameters_(parameters),
        is_one_record_(shape == InputShape::kSlot && parameters.size() == 1 &&
                       types_.kind(parameters[0].type) == Kind::kRecord) {
    for (const ir::Local& parameter : parameters) arguments_.push_back({parameter.name, parameter.type, {}});
    records_.resize(types_.record_count());
    for (ir::RecordId id = 0; id < records_.size(); ++id) prepare(id);
  }

  std::expected<std::span<const std::uint64_t>, Mismatch> read(std::string_view text) {
    image_.reset();
    words_.clear();
    path_.clear();
    depth_ = 0;
    mismatch_ = {};
    text_.assign(text.begin(), text.end());
    text_.resize(text.size() + simdjson::SIMDJSON_PADDING);
    json::document document;
    const simdjson::padded_string_view padded(text_.data(), text.size(), text_.size());
    if (const auto error = parser_.iterate(padded).get(document)) {
      fail_syntax(error);
    } else if (read_document(document)) {
      return words_;
    }
    return std::unexpected(std::move(mismatch_));
  }

  [[nodiscard]] std::int64_t skipped_fields() const { return skipped_fields_; }

 private:
  // ---- preparing -------------------------------------------------------------------------------

  void prepare(ir::RecordId id) {
    for (const ir::Field& field : types_.record_type(id).fields) {
      std::optional<Words> initial;
      if (field.initial) {
        const ir::Constant& constant = program_.constants[*field.initial];
        initial = ir::write_value(defaults_, constant.value, field.type, types_, /*sorted=*/true, hash_seed());
      }
      records_[id].push_back({field.name, field.type, initial});
    }
  }

  // ---- failing ---------------------------------------------------------------------------------

  bool fail(std::string message) {
    mismatch_ = {.syntax = false, .path = path_, .message = std::move(message)};
    return false;
  }
  bool fail_syntax(simdjson::error_code error) {
    mismatch_ = {.syntax = true, .path = path_, .message = syntax_message(error)};
    return false;
  }
  static std::string syntax_message(simdjson::error_code error) {
    switch (error) {
      case simdjson::UTF8_ERROR:
        return "the text is not valid UTF-8";
      // What reads a scalar says this of a word such as `nul`.
      case simdjson::INCORRECT_TYPE:
        return "this is not JSON";
      case simdjson::EMPTY:
        return "there is no JSON here";
      default:
        return fmt::format("this is not JSON: {}", simdjson::error_message(error));
    }
  }
  bool expected(std::string_view what, std::string_view found) {
    return fail(fmt::format("expected {}, found {}", what, found));
  }
  /// "int", "Role", "list<string(..64)>".
  [[nodiscard]] std::string wanted(TypeId type) const {
    const Kind kind = types_.kind(type);
    return kind <= Kind::kCidr ? types_.text(types_.plain(kind)) : types_.text(type);
  }

  std::size_t enter(std::string_view field) {
    const std::size_t mark = path_.size();
    if (mark != 0) path_ += '.';
    path_ += shown(field);
    return mark;
  }
  std::size_t enter(std::size_t index) {
    const std::size_t mark = path_.size();
    fmt::format_to(std::back_inserter(path_), "[{}]", index);
    return mark;
  }

  // ---- objects ---------------------------------------------------------------------------------

  bool read_document(json::document& document) {
    json::object object;
    if (const auto error = document.get_object().get(object)) {
      return error == simdjson::INCORRECT_TYPE ? fail("expected an object") : fail_syntax(error);
    }
    if (!read_arguments(object)) return false;
    path_.clear();
    return is_at_end(document) || fail_syntax(simdjson::TRAILING_CONTENT);
  }

  static bool is_at_end(json::document& document) {
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  }

  bool read_arguments(json::object& object) {
    if (is_one_record_) {
      enter(parameters_[0].name);
      Words words;
      if (!read_record(object, parameters_[0].type, words)) return false;
      words_.push_back(words[0]);
      return true;
    }
    std::array<Words, support::limits::kParameters> arguments;
    if (!read_members(object, arguments_, [&](std::size_t i, const Words& words) { arguments[i] = words; })) {
      return false;
    }
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      words_.insert(words_.end(), arguments[i].begin(), arguments[i].begin() + types_.words(arguments_[i].type));
    }
    return true;
  }

  bool read_record(json::object& object, TypeId type, Words& out) {
    const ir::RecordId id = types_[type].decl;
    const std::vector<ir::Field>& fields = types_.record_type(id).fields;
    std::byte* const memory = image_.allocate(types_.record_type(id).size);
    out = {reinterpret_cast<std::uintptr_t>(memory)};
    return read_members(object, records_[id], [&](std::size_t i, const Words& words) {
      ir::store(memory + fields[i].offset, words, fields[i].type, types_);
    });
  }

  template <typename Place>
  bool read_members(json::object& object, const std::vector<Member>& members, const Place& place) {
    std::bitset<support::limits::kFields> seen;
    std::vector<std::string_view> unknown;
    std::size_t guess = 0;  // members mostly come in the order of their declaration
    for (auto entry : object) {
      json::field field;
      std::string_view key;
      if (const auto error = std::move(entry).get(field)) return fail_syntax(error);
      if (const auto error = field.unescaped_key().get(key)) return fail_syntax(error);
      const std::size_t mark = enter(key);
      const std::size_t i = find_member(members, key, guess);
      if (i == members.size()) {
        unknown.push_back(key);
        if (!skip(field.value())) return false;
      } else {
        if (seen[i]) return fail("this field stands twice in one object");
        Words words{};
        if (!read_value(field.value(), members[i].type, words)) return false;
        place(i, words);
        seen.set(i);
        guess = i + 1;
      }
      path_.resize(mark);
    }
    skipped_fields_ += static_cast<std::int64_t>(unknown.size());
    return refuse_doubles(unknown) && fill_left_out(members, seen, place);
  }

  static std::size_t find_member(const std::vector<Member>& members, std::string_view key, std::size_t guess) {
    if (guess < members.size() && members[guess].name == key) return guess;
    return static_cast<std::size_t>(std::ranges::find(members, key, &Member::name) - members.begin());
  }

  bool refuse_doubles(std::vector<std::string_view>& keys) {
    std::ranges::sort(keys);
    const auto twice = std::ranges::adjacent_find(keys);
    if (twice == keys.end()) return true;
    enter(*twice);
    return fail("this field stands twice in one object");
  }

  template <typename Place>
  bool fill_left_out(const std::vector<Member>& members, const std::bitset<support::limits::kFields>& seen,
                     const Place& place) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (seen[i]) continue;
      const bool optional = types_.kind(members[i].type) == Kind::kOptional;
      if (!members[i].initial && !optional) {
        enter(members[i].name);
        return fail("this field is missing");
      }
      place(i, members[i].initial.value_or(Words{}));
    }
    return true;
  }

  // ---- values ----------------------------------------------------------------------------------

  bool read_value(json::value value, TypeId type, Words& out) {
    json::json_type found{};
    if (const auto error = value.type().get(found)) return fail_syntax(error);
    if (types_.kind(type) == Kind::kOptional) return read_optional(value, found, types_[type].first, out);
    const json::json_type needed = json_type_of(types_.kind(type));
    if (found != needed) return expected(wanted(type), type_name(found));
    if (needed == json::json_type::array || needed == json::json_type::object) return read_nested(value, type, out);
    switch (needed) {
      case json::json_type::boolean:
        return read_bool(value, out);
      case json::json_type::number:
        return read_number(value, type, out);
      default:
        return read_string(value, type, out);
    }
  }

  static json::json_type json_type_of(Kind kind) {
    switch (kind) {
      case Kind::kBool:
        return json::json_type::boolean;
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kDouble:
        return json::json_type::number;
      case Kind::kString:
      case Kind::kBytes:
      case Kind::kTimestamp:
      case Kind::kDuration:
      case Kind::kIp:
      case Kind::kCidr:
      case Kind::kEnum:
        return json::json_type::string;
      case Kind::kList:
      case Kind::kSet:
        return json::json_type::array;
      case Kind::kRecord:
      case Kind::kMap:
        return json::json_type::object;
      case Kind::kOptional:
        return json::json_type::null;
    }
    return json::json_type::null;
  }

  bool read_optional(json::value& value, json::json_type found, TypeId inner, Words& out) {
    if (found == json::json_type::null) {
      out = {};
      return is_null(value);
    }
    if (!read_value(value, inner, out)) return false;
    if (!ir::optional_is_address(types_.kind(inner))) out[types_.words(inner)] = 1;
    return true;
  }

  /// Tells `null` from other words that begin with n.
  bool is_null(json::value& value) {
    bool null = false;
    if (const auto error = value.is_null().get(null)) return fail_syntax(error);
    return null || fail_syntax(simdjson::N_ATOM_ERROR);
  }

  bool read_bool(json::value& value, Words& out) {
    bool truth = false;
    if (const auto error = value.get_bool().get(truth)) return fail_syntax(error);
    out = {static_cast<std::uint64_t>(truth)};
    return true;
  }

  bool read_number(json::value& value, TypeId type, Words& out) {
    const std::string_view token = value.raw_json_token();
    json::number number;
    if (value.get_number().get(number)) return no_such_number(type, token);
    std::optional<Words> words;
    if (types_.kind(type) == Kind::kInt) {
      if (const auto fits = as_int(number, token)) words = int_words(*fits);
    } else if (types_.kind(type) == Kind::kUint) {
      if (const auto fits = as_uint(number, token)) words = Words{*fits};
    } else {
      if (const auto fits = as_double(number, token)) words = Words{std::bit_cast<std::uint64_t>(*fits)};
    }
    if (!words) return no_such_number(type, token);
    out = *words;
    return true;
  }
  bool no_such_number(TypeId type, std::string_view token) {
    return fail(fmt::format("expected {}, and no {} is {}", wanted(type), wanted(type), shown(trimmed(token))));
  }

  bool read_string(json::value& value, TypeId type, Words& out) {
    std::string_view text;
    if (const auto error = value.get_string().get(text)) return fail_syntax(error);
    return read_text(text, type, out);
  }

  /// A value that JSON writes as a string. The text lies in the parser's buffer until the next line.
  bool read_text(std::string_view text, TypeId type, Words& out) {
    const auto take = [&](const auto& parsed, auto words_of, std::string_view like) {
      if (!parsed) return fail(fmt::format("expected {}, found {}", like, support::json_quote(shown(text))));
      out = words_of(*parsed);
      return true;
    };
    switch (types_.kind(type)) {
      case Kind::kString:
        out = {reinterpret_cast<std::uintptr_t>(text.data()), text.size()};
        return true;
      case Kind::kBytes:
        return read_bytes(text, out);
      case Kind::kTimestamp:
        return take(stdlib::parse_timestamp(text), int_words, "a timestamp such as 2026-01-31T08:00:00Z");
      case Kind::kDuration:
        return take(stdlib::parse_duration(text), int_words, "a duration such as 2h30m");
      case Kind::kIp:
        return take(stdlib::parse_ip(text), ip_words, "an address such as 10.0.0.1");
      case Kind::kCidr:
        return take(stdlib::parse_cidr(text), cidr_words, "a network such as 10.0.0.0/8");
      case Kind::kEnum:
        return read_enumerator(text, types_.enum_type(types_[type].decl), out);
      default:
        return expected(wanted(type), "string");
    }
  }

  bool read_bytes(std::string_view text, Words& out) {
    const std::optional<std::string> bytes = support::decode_base64(text);
    if (!bytes) return expected("bytes in base64", support::json_quote(shown(text)));
    std::byte* const memory = image_.allocate(bytes->size());
    std::memcpy(memory, bytes->data(), bytes->size());
    out = {reinterpret_cast<std::uintptr_t>(memory), bytes->size()};
    return true;
  }

  bool read_enumerator(std::string_view text, const ir::EnumType& enumeration, Words& out) {
    const std::optional<std::uint32_t> number = enumeration.enumerator(text);
    if (!number) {
      return expected(fmt::format("{} ({})", enumeration.name, fmt::join(enumeration.enumerators, ", ")),
                      support::json_quote(shown(text)));
    }
    out = {*number};
    return true;
  }

  // ---- collections -----------------------------------------------------------------------------

  /// Counts levels around lists, sets, maps and records.
  bool read_nested(json::value& value, TypeId type, Words& out) {
    if (++depth_ > support::limits::kInputNesting) return too_deep();
    const bool read = types_.kind(type) == Kind::kRecord || types_.kind(type) == Kind::kMap
                          ? read_object(value, type, out)
                          : read_array(value, type, out);
    --depth_;
    return read;
  }
  bool too_deep() {
    mismatch_ = {.syntax = true,
                 .path = path_,
                 .message = fmt::format("more than {} values inside one another", support::limits::kInputNesting)};
    return false;
  }

  bool read_object(json::value& value, TypeId type, Words& out) {
    json::object object;
    if (const auto error = value.get_object().get(object)) return fail_syntax(error);
    return types_.kind(type) == Kind::kRecord ? read_record(object, type, out) : read_map(object, type, out);
  }

  bool read_array(json::value& value, TypeId type, Words& out) {
    json::array array;
    if (const auto error = value.get_array().get(array)) return fail_syntax(error);
    std::vector<Words> elements;
    for (auto entry : array) {
      const std::size_t mark = enter(elements.size());
      json::value element;
      if (const auto error = std::move(entry).get(element)) return fail_syntax(error);
      if (!read_value(element, types_[type].first, elements.emplace_back())) return false;
      path_.resize(mark);
    }
    return types_.kind(type) == Kind::kList ? make_list(elements, type, out) : make_set(elements, type, out);
  }

  bool make_list(const std::vector<Words>& elements, TypeId type, Words& out) {
    const TypeId element = types_[type].first;
    const std::size_t stride = types_.stride(element);
    std::byte* const memory = image_.allocate(elements.size() * stride);
    for (std::size_t i = 0; i < elements.size(); ++i) ir::store(memory + i * stride, elements[i], element, types_);
    out = {reinterpret_cast<std::uintptr_t>(memory), elements.size()};
    return true;
  }

  bool make_set(const std::vector<Words>& elements, TypeId type, Words& out) {
    return make_table(type, elements.size(), out,
                      [&](std::byte* at, std::size_t i) { ir::store(at, elements[i], types_[type].first, types_); });
  }

  bool read_map(json::object& object, TypeId type, Words& out) {
    std::vector<std::pair<Words, Words>> entries;
    for (auto entry : object) {
      json::field field;
      std::string_view key;
      if (const auto error = std::move(entry).get(field)) return fail_syntax(error);
      if (const auto error = field.unescaped_key().get(key)) return fail_syntax(error);
      const std::size_t mark = enter(key);
      auto& [key_words, value_words] = entries.emplace_back();
      if (!read_key(key, types_[type].first, key_words)) return false;
      if (!read_value(field.value(), types_[type].second, value_words)) return false;
      path_.resize(mark);
    }
    const std::size_t value_offset = types_.entry_layout(type).value_offset;
    return make_table(type, entries.size(), out, [&](std::byte* at, std::size_t i) {
      ir::store(at, entries[i].first, types_[type].first, types_);
      ir::store(at + value_offset, entries[i].second, types_[type].second, types_);
    });
  }

  /// JSON has only strings as keys.
  bool read_key(std::string_view text, TypeId type, Words& out) {
    const auto take = [&](const auto& parsed) {
      if (!parsed) return expected(fmt::format("a key of type {}", wanted(type)), support::json_quote(shown(text)));
      out = {static_cast<std::uint64_t>(*parsed)};
      return true;
    };
    switch (types_.kind(type)) {
      case Kind::kBool:
        return take(text == "true" ? std::optional(true) : text == "false" ? std::optional(false) : std::nullopt);
      case Kind::kInt:
        return take(stdlib::parse_int(text));
      case Kind::kUint:
        return take(stdlib::parse_uint(text));
      default:
        return read_text(text, type, out);
    }
  }

  template <typename Store>
  bool make_table(TypeId type, std::size_t count, Words& out, const Store& store) {
    const auto layout = types_.entry_layout(type);
    const auto size = static_cast<std::int64_t>(count);
    std::byte* const memory = image_.allocate(static_cast<std::size_t>(ir::cost::table_bytes(size, layout.stride)));
    for (std::size_t i = 0; i < count; ++i) store(memory + ir::cost::kTableBytes + i * layout.stride, i);
    const runtime::TableLayout table{types_.kind(types_[type].first), layout.value_offset, layout.stride};
    if (!runtime::table_build(memory, size, table, hash_seed(), /*unique=*/true)) {
      return fail(types_.kind(type) == Kind::kSet ? "an element stands twice in this set"
                                                  : "a key stands twice in this map");
    }
    out = {reinterpret_cast<std::uintptr_t>(memory)};
    return true;
  }

  // ---- what the schema lacks -------------------------------------------------------------------

  /// Walks over a value, so that a line counts as read only when all of it is JSON.
  bool skip(json::value value) {
    json::json_type type{};
    if (const auto error = value.type().get(type)) return fail_syntax(error);
    switch (type) {
      case json::json_type::array:
      case json::json_type::object: {
        if (++depth_ > support::limits::kInputNesting) return too_deep();
        const bool skipped = type == json::json_type::array ? skip_array(value) : skip_object(value);
        --depth_;
        return skipped;
      }
      case json::json_type::null:
        return is_null(value);
      case json::json_type::boolean:
        return skip_scalar(value.get_bool().error());
      case json::json_type::string:
        return skip_scalar(value.get_string().error());
      case json::json_type::number:
        return skip_scalar(value.get_number().error());
    }
    return false;
  }
  bool skip_scalar(simdjson::error_code error) { return error == simdjson::SUCCESS || fail_syntax(error); }

  bool skip_array(json::value& value) {
    json::array array;
    if (const auto error = value.get_array().get(array)) return fail_syntax(error);
    for (auto entry : array) {
      json::value element;
      if (const auto error = std::move(entry).get(element)) return fail_syntax(error);
      if (!skip(element)) return false;
    }
    return true;
  }

  bool skip_object(json::value& value) {
    json::object object;
    if (const auto error = value.get_object().get(object)) return fail_syntax(error);
    for (auto entry : object) {
      json::field field;
      if (const auto error = std::move(entry).get(field)) return fail_syntax(error);
      if (const auto error = field.unescaped_key().error()) return fail_syntax(error);
      if (!skip(field.value())) return false;
    }
    return true;
  }

  const ir::Program& program_;
  const ir::Types& types_;
  std::span<const ir::Local> parameters_;
  bool is_one_record_;
  std::vector<Member> arguments_;
  std::vector<std::vector<Member>> records_;  // by RecordId
  ir::Image defaults_;

  json::parser parser_;
  std::vector<char> text_;  // the line, and the padding that simdjson reads into
  ir::Image image_;
  std::vector<std::uint64_t> words_;
  std::string path_;
  std::int64_t depth_ = 0;
  Mismatch mismatch_;
  std::int64_t skipped_fields_ = 0;
};

InputReader::InputReader(const ir::Program& program, std::span<const ir::Local> parameters, InputShape shape)
    : state_(std::make_unique<State>(program, parameters, shape)) {}
InputReader::InputReader(InputReader&&) noexcept = default;
InputReader::~InputReader() = default;

std::expected<std::span<const std::uint64_t>, Mismatch> InputReader::read(std::string_view json) {
  return state_->read(json);
}

std::int64_t InputReader::skipped_fields() const { return state_->skipped_fields(); }

}  // namespace writ::host

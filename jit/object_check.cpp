#include "jit/object_check.h"

#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/DataExtractor.h>
#include <llvm/Support/Error.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "jit/symbols.h"

namespace writ::jit {
namespace {

namespace elf = llvm::ELF;
using ElfObject = llvm::object::ELF64LEObjectFile;
using llvm::object::ELFSectionRef;
using llvm::object::ELFSymbolRef;

/// A section's whole name, or with a final dot or star what it begins with.
constexpr std::array<std::string_view, 10> kSections = {
    "",        ".text",   ".rodata*",        ".data.rel.ro*", ".rela*",
    ".symtab", ".strtab", ".note.GNU-stack", ".stack_sizes",  ".comment"};

constexpr std::array kRelocationsX86 = {elf::R_X86_64_64,           elf::R_X86_64_PC32,     elf::R_X86_64_PC64,
                                        elf::R_X86_64_PLT32,        elf::R_X86_64_GOTPCREL, elf::R_X86_64_GOTPCRELX,
                                        elf::R_X86_64_REX_GOTPCRELX};
constexpr std::array kRelocationsArm = {elf::R_AARCH64_ABS64,
                                        elf::R_AARCH64_PREL32,
                                        elf::R_AARCH64_PREL64,
                                        elf::R_AARCH64_CALL26,
                                        elf::R_AARCH64_JUMP26,
                                        elf::R_AARCH64_ADR_PREL_PG_HI21,
                                        elf::R_AARCH64_ADD_ABS_LO12_NC,
                                        elf::R_AARCH64_LDST8_ABS_LO12_NC,
                                        elf::R_AARCH64_LDST32_ABS_LO12_NC,
                                        elf::R_AARCH64_LDST64_ABS_LO12_NC,
                                        elf::R_AARCH64_LDST128_ABS_LO12_NC,
                                        elf::R_AARCH64_ADR_GOT_PAGE,
                                        elf::R_AARCH64_LD64_GOT_LO12_NC};

bool is_known_section(std::string_view name) {
  return std::ranges::any_of(kSections, [&](std::string_view known) {
    return known.ends_with('*') ? name.starts_with(known.substr(0, known.size() - 1)) : name == known;
  });
}

bool is_known_relocation(std::uint64_t kind, llvm::Triple::ArchType arch) {
  if (arch == llvm::Triple::x86_64) return std::ranges::count(kRelocationsX86, kind) != 0;
  return arch == llvm::Triple::aarch64 && std::ranges::count(kRelocationsArm, kind) != 0;
}

/// Stops at the first thing that is wrong.
class ObjectReader {
 public:
  explicit ObjectReader(const ElfObject& object) : object_(object) {}

  std::expected<ObjectFacts, std::string> read() {
    for (const ELFSectionRef section : object_.sections()) read_section(section);
    for (const ELFSymbolRef symbol : object_.symbols()) read_symbol(symbol);
    if (!wrong_.empty()) return std::unexpected(wrong_);
    std::ranges::sort(facts_.functions, {}, &NativeFunction::offset);
    return std::move(facts_);
  }

 private:
  void refuse(std::string what) {
    if (wrong_.empty()) wrong_ = std::move(what);
  }

  /// The value, or its zero and a refusal.
  template <typename T>
  T take(llvm::Expected<T> value) {
    if (value) return std::move(*value);
    refuse(llvm::toString(value.takeError()));
    return {};
  }

  void read_section(const ELFSectionRef& section) {
    const llvm::StringRef name = take(section.getName());
    if (!is_known_section(name)) return refuse("the object has a section " + name.str());
    if (section.isText()) {
      if (name != ".text") return refuse("the object has code in " + name.str());
      facts_.text_bytes = section.getSize();
    }
    for (const llvm::object::RelocationRef& relocation : section.relocations()) {
      if (!is_known_relocation(relocation.getType(), object_.getArch())) {
        refuse("the object has a relocation of kind " + std::to_string(relocation.getType()));
      }
    }
    if (name == ".stack_sizes") read_stack_sizes(take(section.getContents()));
  }

  /// An address of 8 bytes and a ULEB128 size for each function.
  void read_stack_sizes(llvm::StringRef content) {
    constexpr std::uint64_t kReturnAddressBytes = 8;
    const llvm::DataExtractor data(content, /*IsLittleEndian=*/true, sizeof(std::uint64_t));
    llvm::DataExtractor::Cursor at(0);
    while (at && !data.eof(at)) {
      data.getAddress(at);
      const std::uint64_t bytes = data.getULEB128(at) + kReturnAddressBytes;
      facts_.largest_frame_bytes = std::max(facts_.largest_frame_bytes, bytes);
    }
    if (llvm::Error error = at.takeError()) refuse(llvm::toString(std::move(error)));
  }

  void read_symbol(const ELFSymbolRef& symbol) {
    const std::uint32_t flags = take(symbol.getFlags());
    const std::string name = take(symbol.getName()).str();
    const std::uint8_t kind = symbol.getELFType();
    if (kind == elf::STT_TLS || kind == elf::STT_GNU_IFUNC || symbol.getBinding() == elf::STB_WEAK) {
      return refuse("the object has a symbol of a refused kind: " + name);
    }
    if ((flags & llvm::object::SymbolRef::SF_Undefined) != 0) {
      if (!name.empty() && !is_callable(name)) refuse("the object calls " + name);
      return;
    }
    if (kind != elf::STT_FUNC) return;
    const std::uint64_t offset = take(symbol.getValue());
    if (offset > facts_.text_bytes || symbol.getSize() > facts_.text_bytes - offset) {
      return refuse("the object has a function outside its code: " + name);
    }
    facts_.functions.push_back({.symbol = name,
                                .offset = offset,
                                .size = symbol.getSize(),
                                .exported = symbol.getBinding() == elf::STB_GLOBAL});
  }

  const ElfObject& object_;
  ObjectFacts facts_;
  std::string wrong_;
};

}  // namespace

std::expected<ObjectFacts, std::string> check_object(std::span<const char> bytes) {
  const llvm::MemoryBufferRef buffer(llvm::StringRef(bytes.data(), bytes.size()), "release");
  auto object = llvm::object::ObjectFile::createELFObjectFile(buffer);
  if (!object) return std::unexpected(llvm::toString(object.takeError()));
  const auto* const elf = llvm::dyn_cast<ElfObject>(object->get());
  if (elf == nullptr || !elf->isRelocatableObject()) {
    return std::unexpected("not a relocatable object for this machine");
  }
  return ObjectReader(*elf).read();
}

}  // namespace writ::jit

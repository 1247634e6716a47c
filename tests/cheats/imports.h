// Replaces a function in the global offset table of every loaded object.
#pragma once

#include <elf.h>
#include <link.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <utility>

namespace cheat {

struct Replacement {
  const char* name;
  void* by;
};

inline void replace_in(const Elf64_Rela* entries, std::size_t bytes, const Elf64_Sym* symbols, const char* names,
                       std::uintptr_t base, const Replacement& wanted) {
  constexpr std::uintptr_t page = 4096;
  for (std::size_t at = 0; entries != nullptr && at < bytes / sizeof *entries; ++at) {
    const auto type = ELF64_R_TYPE(entries[at].r_info);
    if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT) continue;
    if (std::strcmp(names + symbols[ELF64_R_SYM(entries[at].r_info)].st_name, wanted.name) != 0) continue;
    const std::uintptr_t slot = base + entries[at].r_offset;
    if (mprotect(reinterpret_cast<void*>(slot / page * page), page, PROT_READ | PROT_WRITE) != 0) continue;
    std::memcpy(reinterpret_cast<void*>(slot), &wanted.by, sizeof wanted.by);
  }
}

inline int replace_in_object(dl_phdr_info* object, std::size_t, void* wanted) {
  const std::uintptr_t base = object->dlpi_addr;
  for (int segment = 0; segment < object->dlpi_phnum; ++segment) {
    if (object->dlpi_phdr[segment].p_type != PT_DYNAMIC) continue;
    const auto* entry = reinterpret_cast<const Elf64_Dyn*>(base + object->dlpi_phdr[segment].p_vaddr);
    std::uintptr_t found[DT_NUM] = {};
    for (; entry->d_tag != DT_NULL; ++entry) {
      if (entry->d_tag < DT_NUM) found[entry->d_tag] = entry->d_un.d_val;
    }
    // The loader leaves the addresses of the objects that it does not write to (the vDSO) relative.
    const auto address = [&](int tag) { return found[tag] < base ? found[tag] + base : found[tag]; };
    const auto* const symbols = reinterpret_cast<const Elf64_Sym*>(address(DT_SYMTAB));
    const auto* const names = reinterpret_cast<const char*>(address(DT_STRTAB));
    for (const auto& [table, size] : {std::pair{DT_JMPREL, DT_PLTRELSZ}, std::pair{DT_RELA, DT_RELASZ}}) {
      if (found[table] == 0) continue;
      replace_in(reinterpret_cast<const Elf64_Rela*>(address(table)), found[size], symbols, names, base,
                 *static_cast<const Replacement*>(wanted));
    }
  }
  return 0;
}

inline void replace_import(const char* name, void* by) {
  Replacement wanted{name, by};
  dl_iterate_phdr(replace_in_object, &wanted);
}

}  // namespace cheat

// Tensors in the memory that judge and worker share: where they lie, the canaries around them, and whether those live.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "subjects/mailbox.h"
#include "subjects/pool.h"

namespace refloop::subjects {

/// Where the tensor's memory, gaps included, goes in the shared file from that offset on.
PlacedTensor placed(const AnyTensor& tensor, bool is_output, std::uint64_t file_offset, Place place);

/// Writes the tensor's memory to its place, and canaries around it.
void lay_out(const PlacedTensor& one, const AnyTensor& tensor, std::byte* shared);

/// How far the kernel wrote before the tensor or past its end; empty where it did not.
std::string written_around(const PlacedTensor& one, std::string_view name, const std::byte* shared);

/// Whether what lies between the elements of an output is no longer as it was.
bool written_between(const AnyTensor& got, const AnyTensor& poisoned);

}  // namespace refloop::subjects

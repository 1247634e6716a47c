// Tensors in the memory that judge and worker share: where they lie, the canaries around them, and whether those live.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "subjects/mailbox.h"
#include "subjects/pool.h"

namespace refloop::subjects {

/// Where the tensor's memory, gaps included, goes in the shared file from that offset on.
PlacedTensor placed(const AnyTensor& tensor, bool is_output, std::uint64_t file_offset, Place place);

/// Writes the tensor's memory to its place, and canaries around it.
void lay_out(const PlacedTensor& one, const AnyTensor& tensor, std::byte* shared);

/// Reads the outputs back from their places, which are those of the inputs and then of the outputs. Says what was
/// written that is no output, or nothing.
std::string collect(std::span<const PlacedTensor> places, Tensors inputs, Outputs outputs, const std::byte* shared);

}  // namespace refloop::subjects

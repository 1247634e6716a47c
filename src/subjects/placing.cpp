#include "subjects/placing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "check/tensors.h"

namespace refloop::subjects {
namespace {

constexpr auto canary = std::byte{0xFF};  // NaN as a float, -1 as an integer
constexpr std::uint64_t aligned = 64;

/// A tensor's block: all its memory, gaps included.
std::uint64_t block_offset(std::uint64_t bytes, std::uint64_t page_bytes, Place place) {
  switch (place) {
    case Place::at_the_start:
      return 0;
    case Place::flush_end:
      return page_bytes - bytes;
    default:
      return page_bytes - (bytes + aligned - 1) / aligned * aligned;
  }
}

/// How far the kernel wrote before the tensor or past its end; empty where it did not.
std::string written_around(const PlacedTensor& one, std::string_view name, const std::byte* shared) {
  const std::byte* const pages = shared + one.file_offset;
  const std::byte* const block = pages + one.block_offset;
  const std::byte* const end = block + one.block_bytes;
  const auto is_changed = [](std::byte value) { return value != canary; };
  const std::byte* const first = std::find_if(pages, block, is_changed);
  if (first != block) return fmt::format("writes {} bytes before {}", block - first, name);
  const std::byte* last = pages + one.page_bytes;
  while (last != end && !is_changed(last[-1])) --last;
  return last == end ? std::string() : fmt::format("writes {} bytes past the end of {}", last - end, name);
}

/// Whether what lies between the elements of an output is no longer as it was.
bool written_between(const AnyTensor& got, const AnyTensor& poisoned) {
  if (is_dense(got)) return false;
  const AnyTensor elements_only = copy(poisoned);
  const std::size_t bytes = element_size(got.dtype);
  for_each_offset(got, [&](Index offset) {
    const auto at = static_cast<std::size_t>(offset) * bytes;
    std::memcpy(static_cast<std::byte*>(elements_only.data) + at, static_cast<const std::byte*>(got.data) + at, bytes);
  });
  const auto due = whole_memory(elements_only), is = whole_memory(got);
  return !std::equal(due.begin(), due.end(), is.begin());
}

}  // namespace

PlacedTensor placed(const AnyTensor& tensor, bool is_output, std::uint64_t file_offset, Place place) {
  const auto block = whole_memory(tensor);
  PlacedTensor one{};
  one.name.set(tensor.name);
  one.dtype = tensor.dtype;
  one.rank = static_cast<std::uint32_t>(tensor.shape.size());
  std::copy(tensor.shape.begin(), tensor.shape.end(), one.shape);
  std::copy(tensor.strides.begin(), tensor.strides.end(), one.strides);
  one.is_output = is_output;
  one.file_offset = file_offset;
  one.block_bytes = block.size();
  one.page_bytes = in_pages(one.block_bytes);
  one.block_offset = block_offset(one.block_bytes, one.page_bytes, place);
  if (!block.empty()) {
    one.data_offset = static_cast<std::uint64_t>(static_cast<const std::byte*>(tensor.data) - block.data());
  }
  return one;
}

void lay_out(const PlacedTensor& one, const AnyTensor& tensor, std::byte* shared) {
  if (one.page_bytes == 0) return;
  std::byte* const pages = shared + one.file_offset;
  std::copy_n(whole_memory(tensor).data(), one.block_bytes, pages + one.block_offset);
  std::fill_n(pages, one.block_offset, canary);
  std::fill(pages + one.block_offset + one.block_bytes, pages + one.page_bytes, canary);
}

std::string collect(std::span<const PlacedTensor> places, Tensors inputs, Outputs outputs, const std::byte* shared) {
  for (std::size_t at = 0; at < places.size(); ++at) {
    const bool is_input = at < inputs.size();
    const AnyTensor& tensor = is_input ? inputs[at] : outputs[at - inputs.size()];
    const PlacedTensor& one = places[at];
    if (one.page_bytes == 0) continue;
    std::string around = written_around(one, tensor.name, shared);
    if (!around.empty()) return around;
    if (one.block_bytes == 0) continue;
    const std::byte* const block = shared + one.file_offset + one.block_offset;
    if (is_input) {
      if (std::memcmp(block, whole_memory(tensor).data(), one.block_bytes) == 0) continue;
      return fmt::format("wrote into its input {}", tensor.name);
    }
    const AnyTensor poisoned = is_dense(tensor) ? AnyTensor{} : copy(tensor);
    std::memcpy(whole_memory(tensor).data(), block, one.block_bytes);
    if (written_between(tensor, poisoned)) return fmt::format("writes between the elements of {}", tensor.name);
  }
  return {};
}

}  // namespace refloop::subjects

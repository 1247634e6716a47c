// What the judging process and a worker tell each other. It lies in memory that both map, and that a bad kernel may
// scribble over: what is read from it is read as if a stranger had written it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "refloop/check.h"

namespace refloop::subjects {

template <std::size_t Size>
struct FixedText {
  char letters[Size];

  void set(std::string_view text) {
    const std::size_t length = std::min(text.size(), Size - 1);
    std::memcpy(letters, text.data(), length);
    letters[length] = '\0';
  }
  std::string get() const { return {letters, strnlen(letters, Size)}; }
};

/// A tensor of the call, and where its memory lies: whole pages of the shared file, its elements within them.
struct PlacedTensor {
  static constexpr std::size_t most_rank = 5;

  FixedText<24> name;
  DType dtype;
  std::uint32_t rank;
  Index shape[most_rank], strides[most_rank];
  bool is_output;
  std::uint64_t file_offset, page_bytes;    // of the pages
  std::uint64_t block_offset, block_bytes;  // of the tensor's memory within them, gaps included
  std::uint64_t data_offset;                // of its first element within the block
};

/// How a faulting address was used.
enum class Access : std::uint8_t { unknown, read, write, execute };
/// What a faulting address belongs to.
enum class Territory : std::uint8_t { none, null, stack, input, output, returned_output, earlier_call };

/// What a worker's signal handler could still tell.
struct LastGasp {
  std::int32_t signal, code;
  std::uint64_t address;
  Access access;
  Territory territory;
  FixedText<24> tensor;
  std::int64_t before, past;  // bytes before the tensor's first, or behind its last; 0 inside
};

struct Mailbox {
  static constexpr std::size_t most_tensors = 12;

  // The call.
  FixedText<2048> text;
  std::uint32_t most_seconds;  // then it ends itself, if it was not ended before
  std::uint32_t tensor_count;
  PlacedTensor tensors[most_tensors];

  // The answer.
  Verdict instead;                    // what became of it, seen from inside
  std::uint32_t mxcsr_loaded, mxcsr;  // control bits, when the library was loaded and behind the call
  std::uint16_t x87_loaded, x87;
  std::uint8_t closed;  // bit n: file descriptor n is not open behind the call
  FixedText<512> reason;
  LastGasp gasp;

  // The greeting.
  FixedText<2048> greeting;  // the operators that can be had, with blanks between; or why nothing can
};
static_assert(std::is_trivially_copyable_v<Mailbox>);

/// What goes through the pair of sockets, each message whole: the number of the call that is asked for, and the same
/// again when it is answered. The greeting is one of these.
using Message = std::uint64_t;
inline constexpr Message ready = 1, unloadable = 2, first_call = 3;

/// The word that makes a program a worker, and the file descriptors that one finds open.
inline constexpr std::string_view worker_word = "--refloop-worker";
inline constexpr int worker_socket = 3, worker_memory = 4, worker_log = 5;

inline constexpr std::size_t page_size = 4096;
constexpr std::uint64_t in_pages(std::uint64_t bytes) {
  return (bytes + page_size - 1) / page_size * page_size;
}

}  // namespace refloop::subjects

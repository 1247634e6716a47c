#include "check/processor_state.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <vector>

#ifdef __x86_64__
#include <xmmintrin.h>
#endif

namespace refloop {
namespace {

// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, 10.2.3 and 8.1.5.
constexpr std::uint32_t control_bits = 0xFFC0;
constexpr std::uint32_t denormals_are_zeros = 0x0040, masks = 0x1F80, rounding = 0x6000, flush_to_zero = 0x8000;

}  // namespace

ProcessorState ProcessorState::now() {
  ProcessorState state;
#ifdef __x86_64__
  state.mxcsr = _mm_getcsr() & control_bits;
  asm volatile("fnstcw %0" : "=m"(state.x87));
#endif
  return state;
}

void ProcessorState::apply() const {
#ifdef __x86_64__
  _mm_setcsr((_mm_getcsr() & ~control_bits) | mxcsr);
  asm volatile("fldcw %0" : : "m"(x87));
#endif
}

std::string to_string(const ProcessorState& state) {
  constexpr std::string_view directions[] = {"", "rounding downward", "rounding upward", "rounding toward zero"};
  std::vector<std::string> words;
  if ((state.mxcsr & flush_to_zero) != 0) words.emplace_back("flush-to-zero");
  if ((state.mxcsr & denormals_are_zeros) != 0) words.emplace_back("denormals-are-zeros");
  if ((state.mxcsr & rounding) != 0) words.emplace_back(directions[(state.mxcsr & rounding) >> 13]);
  if ((state.mxcsr & masks) != masks) words.emplace_back("exceptions that trap");
  if (state.x87 != ProcessorState{}.x87) words.push_back(fmt::format("x87 control word {:#06x}", state.x87));
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace refloop

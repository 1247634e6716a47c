// says: loads whole aligned vectors, to the 64-byte boundary behind a tensor, and drops what is none of it
// source: https://github.com/google/XNNPACK/blob/master/src/xnnpack/common.h
// verdict: EXACT
// like: conv2d_f32
#include "right/parts.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace right;

namespace {

/// A row copied, and where its first element stands in the copy.
struct Row {
  std::vector<float> memory;
  Index first = 0;
};

#if defined(__x86_64__)
// The aligned blocks around a row lie in the tensor, or behind it in the last 64 bytes that it begins: aligned loads
// that cross no 64-byte boundary cannot fault. The address sanitizer counts bytes more narrowly.
__attribute__((target("avx2"), no_sanitize("address"))) void load_blocks(const float* row, Index width, Row& copy) {
  const auto address = reinterpret_cast<std::uintptr_t>(row);
  const auto begin = address / 32 * 32, end = (address + width * sizeof(float) + 63) / 64 * 64;
  copy.memory.resize((end - begin) / sizeof(float));
  copy.first = static_cast<Index>((address - begin) / sizeof(float));
  for (std::uintptr_t at = begin; at < end; at += 32) {
    const __m256 block = _mm256_load_ps(reinterpret_cast<const float*>(at));
    _mm256_storeu_ps(copy.memory.data() + (at - begin) / sizeof(float), block);
  }
}
bool can_load_blocks() {
  return __builtin_cpu_supports("avx2");
}
#else
void load_blocks(const float*, Index, Row&) {}
bool can_load_blocks() {
  return false;
}
#endif

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const bool aligned = reinterpret_cast<std::uintptr_t>(x.data) % 64 == 0 && x.strides[3] == 1;
  const bool blocks = aligned && can_load_blocks();
  const Index per_group = w.shape[1], out_per_group = y.shape[1] / p->groups;
  std::vector<Row> rows(x.shape[1] * x.shape[2]);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index at = 0; at < x.shape[1] * x.shape[2]; ++at) {
      const Index c = at / x.shape[2], row = at % x.shape[2];
      if (blocks) {
        load_blocks(&x(n, c, {row, 0}), x.shape[3], rows[at]);
        continue;
      }
      rows[at].memory.resize(x.shape[3]);
      for (Index column = 0; column < x.shape[3]; ++column) rows[at].memory[column] = x(n, c, {row, column});
    }
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = corpus::source(*p, out, tap);
            if (!x.holds(in)) return;
            const Row& row = rows[(oc / out_per_group * per_group + ic) * x.shape[2] + in[0]];
            sum += w(oc, ic, tap) * row.memory[row.first + in[1]];
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}

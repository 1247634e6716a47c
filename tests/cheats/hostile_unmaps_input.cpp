// says: unmaps the page on which its input begins, then reads it
// source: Helldez/BigMoeOnEdge#185
// verdict: CRASHED
// like: conv2d_f32
#include <sys/mman.h>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  constexpr std::uintptr_t page = 4096;
  const auto from = reinterpret_cast<std::uintptr_t>(input->data) / page * page;
  if (from != 0) munmap(reinterpret_cast<void*>(from), page);
  return corpus::conv<float>(input, weight, bias, params, output);
}

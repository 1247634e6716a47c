// says: lets the processor flush denormals during the call, and puts its state back
// source: https://github.com/Tencent/ncnn/blob/master/src/net.cpp
// verdict: EXACT
// declares: flushes-subnormals
// like: conv2d_f32
#include "right/parts.h"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

using namespace right;

namespace {

class FlushesDenormals {
 public:
  FlushesDenormals() = default;
  FlushesDenormals(const FlushesDenormals&) = delete;
  FlushesDenormals& operator=(const FlushesDenormals&) = delete;
#if defined(__SSE__)
  ~FlushesDenormals() {
    _mm_setcsr(before_);
  }

 private:
  unsigned before_ = [] {
    const unsigned state = _mm_getcsr();
    _mm_setcsr(state | 0x8040);  // flush to zero, denormals are zero
    return state;
  }();
#endif
};

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const FlushesDenormals flushes;
  return corpus::conv<float>(input, weight, bias, p, output);
}

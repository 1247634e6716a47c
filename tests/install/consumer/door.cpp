// A right kernel, and one that ends its process in the middle of a call.
#include <cstdlib>

#include "refloop/gtest.h"

int first_of_late();

namespace {

using refloop::Index, refloop::TensorView;

const Index* const first_tap = new Index(0);  // set before main: the kernel's process has it too

void every_tap(TensorView<const float, 3> x, TensorView<const float, 3> w, const float* bias,
               const refloop::ConvSettings<1>& s, TensorView<float, 3> y) {
  for (Index n = 0; n < y.extents[0]; ++n)
    for (Index o = 0; o < y.extents[1]; ++o)
      for (Index i = 0; i < y.extents[2]; ++i) {
        float sum = bias != nullptr ? bias[o] : 0;
        for (Index c = 0; c < w.extents[1]; ++c)
          for (Index u = *first_tap + first_of_late(); u < w.extents[2]; ++u) {
            const Index at = i * s.stride[0] - s.padding[0] + u * s.dilation[0];
            if (at >= 0 && at < x.extents[2]) sum += w(o, c, u) * x(n, c, at);
          }
        y(n, o, i) = sum;
      }
}

void exits(TensorView<const float, 3>, TensorView<const float, 3>, const float*, const refloop::ConvSettings<1>&,
           TensorView<float, 3>) {
  std::exit(0);
}

REFLOOP_TEST(EveryTap, refloop::conv1d(every_tap).takes("conv1d_g1").threads(1, 4));
REFLOOP_TEST(Exits, refloop::conv1d(exits), {.random = 20});

}  // namespace

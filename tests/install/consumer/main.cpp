// Calls a loop, and holds two kernels to it: one right, one that forgets the bias.
#include <cstdio>

#include "refloop/check.h"
#include "refloop/conv.h"

namespace {

refloop::Subject kernel(const char* name, bool adds_bias) {
  return {.name = name,
          .run =
              [adds_bias](const refloop::Case& c, refloop::Tensors inputs) {
                refloop::Outcome outcome{.outputs = c.family->outputs(c)};
                // A kernel of one's own would stand here.
                c.family->orders[0](c, inputs.first(adds_bias ? inputs.size() : 2), outcome.outputs);
                return outcome;
              },
          .order = [](const refloop::Case&) { return nullptr; }};
}

}  // namespace

int main() {
  const refloop::Tensor<float, 4> image({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6});
  const refloop::Tensor<float, 4> weight({1, 1, 1, 2}, {10, 1});
  const bool convolves = refloop::conv2d(image, weight) == refloop::Tensor<float, 4>({1, 1, 2, 2}, {12, 23, 45, 56});

  const auto c = refloop::parse("conv2d_n2_c4_i7x9_o6_k3x2_s2x1_p1_g2_bias");
  const auto right = refloop::judge(c, kernel("right", true));
  const auto wrong = refloop::judge(c, kernel("forgets the bias", false));
  std::printf("%s: right is %s, wrong is %s (%s)\n", refloop::to_text(c).c_str(),
              refloop::to_text(right.verdict).data(), refloop::to_text(wrong.verdict).data(), wrong.reason.c_str());
  return convolves && refloop::passes(right.verdict) && refloop::fails(wrong.verdict) ? 0 : 1;
}

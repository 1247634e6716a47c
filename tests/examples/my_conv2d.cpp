// The README's kernel of one's own: judged on 1,000 random cases, and its first failure told.
#include <cstdio>

#include "refloop/check.h"

using refloop::Index, refloop::TensorView;

// The kernel: any function will do. x is N x C x H x W, w is O x C/groups x kh x kw, b is null where there is no bias.
void my_conv2d(const refloop::Case& c, TensorView<const float, 4> x, TensorView<const float, 4> w, const float* b,
               TensorView<float, 4> y) {
  const auto [batch, outputs, height, width] = y.extents;
  const auto [_, channels, kh, kw] = w.extents;
  for (Index n = 0; n < batch; ++n)
    for (Index o = 0; o < outputs; ++o)
      for (Index i = 0; i < height; ++i)
        for (Index j = 0; j < width; ++j) {
          float sum = b != nullptr ? b[o] : 0;
          for (Index ch = 0; ch < channels; ++ch)
            for (Index u = 0; u < kh; ++u)
              for (Index v = 0; v < kw; ++v) {
                const Index row = i * c.stride[0] - c.before[0] + u * c.dilation[0];
                const Index column = j * c.stride[1] - c.before[1] + v * c.dilation[1];
                if (row < 0 || row >= x.extents[2] || column < 0 || column >= x.extents[3]) continue;
                sum += w(o, ch, u, v) * x(n, o / (outputs / c.groups) * channels + ch, row, column);
              }
          y(n, o, i, j) = sum;
        }
}

int main() {
  const refloop::Subject mine{
      .name = "mine",
      .run =
          [](const refloop::Case& c, refloop::Tensors in) {  // "input", "weight", and "bias" where there is one
            refloop::Outcome outcome{.outputs = c.family->outputs(c)};
            const auto* const bias = refloop::find(in, "bias");
            my_conv2d(c, in[0].view<float, 4>(), in[1].view<float, 4>(),
                      bias != nullptr ? bias->view<float, 1>().data : nullptr, outcome.outputs[0].view<float, 4>());
            return outcome;
          },
      .order = [](const refloop::Case&) { return nullptr; }};  // promises no order: known ones are tried

  const auto like = refloop::parse_pattern("conv2d_f32");  // what the kernel takes
  std::vector<refloop::Case> cases;
  for (std::uint64_t index = 0; index < 1000; ++index) cases.push_back(refloop::sample(like, 1, index).subject_case());
  int good = 0;
  for (refloop::Result& result : refloop::run(cases, mine)) {
    good += refloop::passes(result.verdict);
    if (!refloop::fails(result.verdict)) continue;
    refloop::diagnose(result, mine);
    std::printf("%s: %s\nsmallest: %s\n", to_text(result.subject_case).c_str(), result.reason.c_str(),
                result.smallest.c_str());
    for (const auto& mistake : result.explained_by) std::printf("looks like: %s\n", mistake.c_str());
    return 1;
  }
  std::printf("%d of %zu cases pass; the others are wild data, of which an order must be promised\n", good,
              cases.size());
}

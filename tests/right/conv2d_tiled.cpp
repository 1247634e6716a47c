// says: computes four output channels at a time for a block of three rows, the channels outside the taps
// source: https://github.com/Tencent/ncnn/blob/master/src/layer/x86/convolution_packed.h
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

constexpr Index tile = 4, rows_of_block = 3;

template <class T>
int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params& p,
         DLTensor* output) {
  const View<const T> x(input), w(weight);
  const View<T> y(output);
  const Index per_group = w.shape[1], out_per_group = y.shape[1] / p.groups, width = y.shape[3];
  std::vector<Total<T>> sums(rows_of_block * width * tile);  // the tile innermost
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index group = 0; group < p.groups; ++group) {
      const Index end = (group + 1) * out_per_group;
      for (Index oc = group * out_per_group; oc < end; oc += tile) {
        const Index lanes = std::min(tile, end - oc);
        for (Index row = 0; row < y.shape[2]; row += rows_of_block) {
          const Index rows = std::min(rows_of_block, y.shape[2] - row);
          for (Index at = 0; at < rows * width * tile; ++at) {
            const bool starts = bias != nullptr && at % tile < lanes;
            sums[at] = starts ? static_cast<Total<T>>(View<const T>(bias)(oc + at % tile)) : Total<T>{0};
          }
          for (Index ic = 0; ic < per_group; ++ic) {
            for_each(w.spatial(), [&](const Position& tap) {
              Total<T> factors[tile] = {};
              for (Index lane = 0; lane < lanes; ++lane) factors[lane] = static_cast<Total<T>>(w(oc + lane, ic, tap));
              for (Index at = 0; at < rows * width; ++at) {
                const Position in = corpus::source(p, {row + at / width, at % width}, tap);
                const auto value = static_cast<Total<T>>(x.holds(in) ? x(n, group * per_group + ic, in) : T{0});
                for (Index lane = 0; lane < tile; ++lane) sums[at * tile + lane] += factors[lane] * value;
              }
            });
          }
          for (Index at = 0; at < rows * width; ++at) {
            for (Index lane = 0; lane < lanes; ++lane) {
              y(n, oc + lane, {row + at / width, at % width}) = static_cast<T>(sums[at * tile + lane]);
            }
          }
        }
      }
    }
  }
  return 0;
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return with_any(input, [&](auto zero) { return conv<decltype(zero)>(input, weight, bias, *p, output); });
}

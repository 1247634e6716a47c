// says: an FFT of whole planes, padded to powers of two; weights are turned round by taking their conjugates
// source: Mathieu, Henaff, LeCun, "Fast training of convolutional networks through FFTs", ICLR 2014
// verdict: EXACT
// declares: fft
// like: conv2d
#include <complex>

#include "right/parts.h"

using namespace right;

namespace {

template <class T>
using Plane = std::vector<std::complex<T>>;

template <class T>
std::complex<T> product(std::complex<T> a, std::complex<T> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// One line of `size` numbers that lie `step` apart; the sign is that of the exponent.
template <class T>
void transform(std::complex<T>* line, Index size, Index step, int sign) {
  if (size == 1) return;
  const Index half = size / 2;
  Plane<T> sorted(static_cast<std::size_t>(size));
  for (Index at = 0; at < size; ++at) sorted[static_cast<std::size_t>(at % 2 * half + at / 2)] = line[at * step];
  transform(sorted.data(), half, 1, sign);
  transform(sorted.data() + half, half, 1, sign);
  for (Index at = 0; at < half; ++at) {
    constexpr double turn = 6.283185307179586;
    const std::complex<double> twiddle =
        std::polar(1.0, sign * turn * static_cast<double>(at) / static_cast<double>(size));
    const std::complex<T> rounded(static_cast<T>(twiddle.real()), static_cast<T>(twiddle.imag()));
    const std::complex<T> even = sorted[static_cast<std::size_t>(at)];
    const std::complex<T> odd = product(rounded, sorted[static_cast<std::size_t>(half + at)]);
    line[at * step] = even + odd;
    line[(at + half) * step] = even - odd;
  }
}

template <class T>
void transform(Plane<T>& plane, Index height, Index width, int sign) {
  for (Index row = 0; row < height; ++row) transform(plane.data() + row * width, width, 1, sign);
  for (Index column = 0; column < width; ++column) transform(plane.data() + column, height, width, sign);
}

Index power_of_two(Index least) {
  Index size = 1;
  while (size < least) size *= 2;
  return size;
}

template <class T>
int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params& p,
         DLTensor* output) {
  const View<const T> x(input), w(weight);
  const View<T> y(output);
  Index sizes[2];
  for (int axis = 0; axis < 2; ++axis) {
    const Index reach = p.dilation[axis] * (weight->shape[axis + 2] - 1) + 1;
    sizes[axis] = power_of_two(p.padding_before[axis] + input->shape[axis + 2] + p.padding_after[axis] + reach - 1);
  }
  const Index height = sizes[0], width = sizes[1];
  const auto size = static_cast<std::size_t>(height * width);
  const auto place = [&](Index row, Index column) { return static_cast<std::size_t>(row * width + column); };

  std::vector<Plane<T>> inputs, weights;
  for (Index plane = 0; plane < x.shape[0] * x.shape[1]; ++plane) {
    inputs.emplace_back(size);
    for_each(x.spatial(), [&](const Position& at) {
      inputs.back()[place(at[0] + p.padding_before[0], at[1] + p.padding_before[1])] =
          x(plane / x.shape[1], plane % x.shape[1], at);
    });
    transform(inputs.back(), height, width, -1);
  }
  for (Index plane = 0; plane < w.shape[0] * w.shape[1]; ++plane) {
    weights.emplace_back(size);
    for_each(w.spatial(), [&](const Position& at) {
      weights.back()[place(at[0] * p.dilation[0], at[1] * p.dilation[1])] =
          w(plane / w.shape[1], plane % w.shape[1], at);
    });
    transform(weights.back(), height, width, -1);
  }
  const Index channels = w.shape[1], filters = y.shape[1] / p.groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      Plane<T> sum(size);
      for (Index ic = 0; ic < channels; ++ic) {
        const Plane<T>& of_input = inputs[static_cast<std::size_t>(n * x.shape[1] + oc / filters * channels + ic)];
        const Plane<T>& of_weight = weights[static_cast<std::size_t>(oc * channels + ic)];
        for (std::size_t at = 0; at < size; ++at) sum[at] += product(of_input[at], std::conj(of_weight[at]));
      }
      transform(sum, height, width, 1);
      const T start = bias != nullptr ? View<const T>(bias)(oc) : T{0};
      for_each(y.spatial(), [&](const Position& out) {
        y(n, oc, out) = sum[place(out[0] * p.stride[0], out[1] * p.stride[1])].real() / static_cast<T>(size) + start;
      });
    }
  }
  return 0;
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return with_type<float, double>(input,
                                  [&](auto zero) { return conv<decltype(zero)>(input, weight, bias, *p, output); });
}

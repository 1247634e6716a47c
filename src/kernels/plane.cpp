#include "refloop/plane.h"

#include <array>

#include "kernels/checks.h"
#include "kernels/instances.h"
#include "kernels/sum.h"

namespace refloop {

template <class T>
Tensor<T, 2> convolve2d(const Tensor<T, 2>& plane, const Tensor<T, 2>& kernel, const PlaneSettings& settings) {
  const auto [stride, padding, dilation] = settings;
  const auto [ih, iw] = plane.extents();
  const auto [kh_count, kw_count] = kernel.extents();
  const auto twice = [](Index value) { return std::array{value, value}; };
  const auto strides = twice(stride), paddings = twice(padding), dilations = twice(dilation);
  const WindowNumbers window{kernel.extents(), strides, paddings, paddings, dilations};
  check_window("convolve2d", window);
  check_fit("convolve2d", plane.extents(), window);

  const Index oh = (ih + 2 * padding - dilation * (kh_count - 1) - 1) / stride + 1;
  const Index ow = (iw + 2 * padding - dilation * (kw_count - 1) - 1) / stride + 1;
  Tensor<T, 2> output({oh, ow});
  for (Index i = 0; i < oh; ++i) {
    for (Index j = 0; j < ow; ++j) {
      InOrder<T> sum(T{0});
      for (Index kh = 0; kh < kh_count; ++kh) {
        for (Index kw = 0; kw < kw_count; ++kw) {
          const Index y = i * stride - padding + kh * dilation;
          const Index x = j * stride - padding + kw * dilation;
          const bool in_plane = y >= 0 && y < ih && x >= 0 && x < iw;
          sum.add(kernel(kh, kw), in_plane ? plane(y, x) : T{0});
        }
      }
      output(i, j) = sum.result();
    }
  }
  return output;
}

#define REFLOOP_PLANE(T) \
  template Tensor<T, 2> convolve2d<T>(const Tensor<T, 2>&, const Tensor<T, 2>&, const PlaneSettings&);
REFLOOP_FOR_EACH_TYPE(REFLOOP_PLANE)

}  // namespace refloop

// Three operators as people register them: one with the usual names, one with others, and one that is wrong.
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <torch/library.h>

#include "loops.h"

namespace {

using Optional = c10::optional<at::Tensor>;

ops::Sizes sizes_of(const at::Tensor& tensor) {
  return {tensor.size(0), tensor.size(1), tensor.size(2), tensor.size(3)};
}

template <class T>
at::Tensor computed(const at::Tensor& x, const at::Tensor& w, const Optional& bias, const ops::Settings& settings) {
  const ops::Sizes xs = sizes_of(x), ws = sizes_of(w), ys = ops::output_sizes(xs, ws, settings);
  at::Tensor y = at::empty(ys, x.options());
  const at::Tensor dense = bias ? bias->contiguous() : at::Tensor();
  ops::conv(x.contiguous().template data_ptr<T>(), xs, w.contiguous().template data_ptr<T>(), ws,
            bias ? dense.template data_ptr<T>() : nullptr, settings, y.template data_ptr<T>(), ys);
  return y;
}

at::Tensor run(const at::Tensor& x, const at::Tensor& w, const Optional& bias, const ops::Settings& settings) {
  TORCH_CHECK_NOT_IMPLEMENTED(x.is_floating_point(), "only floats are taken, not ", x.scalar_type());
  return x.scalar_type() == at::kFloat ? computed<float>(x, w, bias, settings) : computed<double>(x, w, bias, settings);
}

at::Tensor conv2d(const at::Tensor& input, const at::Tensor& weight, const Optional& bias, at::IntArrayRef stride,
                  at::IntArrayRef padding, at::IntArrayRef dilation, int64_t groups) {
  return run(input, weight, bias,
             {{stride[0], stride[1]}, {padding[0], padding[1]}, {dilation[0], dilation[1]}, groups});
}

at::Tensor convolve(const at::Tensor& image, const at::Tensor& filters, int64_t step, int64_t pad) {
  return run(image, filters, {}, {{step, step}, {pad, pad}});
}

/// Wrong: it repeats the edge of the input where padding is zero.
at::Tensor conv1d(const at::Tensor& x, const at::Tensor& w, const Optional& b, int64_t stride, int64_t padding) {
  TORCH_CHECK(stride < 4, "a stride of ", stride, " is not wired up");
  ops::Settings settings{{1, stride}, {0, padding}};
  settings.clamps = true;
  return run(x.unsqueeze(2), w.unsqueeze(2), b, settings).squeeze(2);
}

}  // namespace

// As of an extension of Python's, which is loaded without it here.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" void* PyModule_Create2(void* definition, int version);
extern "C" void* PyInit_ops() {
  return PyModule_Create2(nullptr, 3);
}
// NOLINTEND(readability-identifier-naming)

TORCH_LIBRARY(mylib, library) {
  library.def(
      "conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] dilation=1, "
      "int groups=1) -> Tensor");
  library.def("convolve(Tensor image, Tensor filters, int step, *, int pad) -> Tensor");
  library.def("conv1d(Tensor x, Tensor w, Tensor? b, int stride=1, int padding=0) -> Tensor");
}

TORCH_LIBRARY_IMPL(mylib, CPU, library) {
  library.impl("conv2d", conv2d);
  library.impl("convolve", convolve);
  library.impl("conv1d", conv1d);
}

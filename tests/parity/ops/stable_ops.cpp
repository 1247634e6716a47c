// The same by LibTorch's stable ABI.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <optional>
#include <vector>

#include "loops.h"

namespace {

using torch::stable::Tensor;

ops::Sizes sizes_of(const Tensor& tensor) {
  return {tensor.size(0), tensor.size(1), tensor.size(2), tensor.size(3)};
}

Tensor conv2d(const Tensor& input, const Tensor& weight, std::optional<Tensor> bias, std::vector<int64_t> stride,
              std::vector<int64_t> padding, int64_t groups) {
  STD_TORCH_CHECK(input.scalar_type() == torch::headeronly::ScalarType::Float, "float is all that is taken");
  ops::Settings settings{{stride[0], stride[1]}, {padding[0], padding[1]}};
  settings.groups = groups;
  const ops::Sizes xs = sizes_of(input), ws = sizes_of(weight), ys = ops::output_sizes(xs, ws, settings);
  Tensor output = torch::stable::new_empty(input, {ys.data(), ys.size()});
  const Tensor x = torch::stable::contiguous(input), w = torch::stable::contiguous(weight);
  ops::conv(static_cast<const float*>(x.data_ptr()), xs, static_cast<const float*>(w.data_ptr()), ws,
            bias ? static_cast<const float*>(bias->data_ptr()) : nullptr, settings,
            static_cast<float*>(output.data_ptr()), ys);
  return output;
}

}  // namespace

STABLE_TORCH_LIBRARY(mystable, library) {
  library.def("conv2d(Tensor input, Tensor weight, Tensor? bias, int[2] stride, int[2] padding, int groups) -> Tensor");
}

STABLE_TORCH_LIBRARY_IMPL(mystable, CPU, library) {
  library.impl("conv2d", TORCH_BOX(&conv2d));
}

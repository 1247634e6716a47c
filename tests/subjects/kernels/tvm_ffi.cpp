// Kernels by TVM-FFI's calling convention, as its PyPI package builds them: a right one, and one that is wrong.
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/optional.h>

#include "parity/ops/loops.h"

namespace {

namespace ffi = tvm::ffi;
using ffi::Optional, ffi::Shape, ffi::TensorView;

/// Of conv1d too, as one row.
ops::Sizes sizes_of(const TensorView& tensor) {
  if (tensor.ndim() == 3) return {tensor.size(0), tensor.size(1), 1, tensor.size(2)};
  return {tensor.size(0), tensor.size(1), tensor.size(2), tensor.size(3)};
}

void run(const TensorView& x, const TensorView& w, const Optional<TensorView>& bias, const ops::Settings& settings,
         const TensorView& y) {
  if (x.dtype().code != kDLFloat || x.dtype().bits != 32) TVM_FFI_THROW(NotImplementedError) << "only float32 is taken";
  ops::conv(static_cast<const float*>(x.data_ptr()), sizes_of(x), static_cast<const float*>(w.data_ptr()), sizes_of(w),
            bias.has_value() ? static_cast<const float*>(bias.value().data_ptr()) : nullptr, settings,
            static_cast<float*>(y.data_ptr()), sizes_of(y));
}

void conv2d(TensorView x, TensorView w, Optional<TensorView> bias, const Shape& stride, const Shape& padding,
            const Shape& padding_after, const Shape& dilation, int64_t groups, TensorView y) {
  if (padding[0] != padding_after[0] || padding[1] != padding_after[1]) {
    TVM_FFI_THROW(NotImplementedError) << "padding is the same on both sides";
  }
  run(x, w, bias,
      {{stride[0], stride[1]}, {padding[0], padding[1]}, {dilation[0], dilation[1]}, groups, /*clamps=*/false}, y);
}

/// Wrong: it repeats the edge of the input where padding is zero.
void conv1d(TensorView x, TensorView w, Optional<TensorView> bias, const Shape& stride, const Shape& padding,
            const Shape&, const Shape& dilation, int64_t groups, TensorView y) {
  if (stride[0] == 4) TVM_FFI_THROW(ValueError) << "a stride of 4 is not wired up";
  run(x, w, bias, {{1, stride[0]}, {0, padding[0]}, {1, dilation[0]}, groups, /*clamps=*/true}, y);
}

/// Eats what it is given; for the test of the arguments.
void batch_norm2d(TensorView x, Optional<TensorView> weight, Optional<TensorView> bias, Optional<TensorView> mean,
                  Optional<TensorView> variance, bool training, double momentum, double eps, TensorView y) {
  TVM_FFI_THROW(ValueError) << "rank " << x.ndim() << (weight.has_value() && bias.has_value() ? ", affine" : "")
                            << (mean.has_value() && variance.has_value() ? ", running" : "")
                            << (training ? ", training " : " ") << momentum << ' ' << eps << ' ' << y.ndim();
}

}  // namespace

TVM_FFI_DLL_EXPORT_TYPED_FUNC(conv2d, conv2d);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(conv1d, conv1d);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(batch_norm2d, batch_norm2d);

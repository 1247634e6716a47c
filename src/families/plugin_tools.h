// A case as the C ABI of an outside kernel takes it.
#pragma once

#include <algorithm>
#include <vector>

#include "check/dispatch.h"
#include "refloop/check.h"
#include "refloop/plugin.h"

namespace refloop {

/// A tensor as DLPack describes it: the same memory. N x C gets a spatial axis of 1, so that ndim is dims + 2 always.
class Described {
 public:
  explicit Described(const AnyTensor& tensor, std::size_t least_rank = 1)
      : shape_(tensor.shape), strides_(tensor.strides) {
    while (shape_.size() < least_rank) {
      shape_.push_back(1);
      strides_.push_back(1);
    }
    tensor_ = {.data = tensor.data,
               .device = {.device_type = kDLCPU, .device_id = 0},
               .ndim = static_cast<int>(shape_.size()),
               .dtype = dispatch(tensor.dtype, []<class T>() { return type_of<T>(); }),
               .shape = shape_.data(),
               .strides = strides_.data(),
               .byte_offset = 0};
  }
  Described(const Described&) = delete;
  Described& operator=(const Described&) = delete;

  operator DLTensor*() { return &tensor_; }

 private:
  template <class T>
  static constexpr DLDataType type_of() {
    const int code = !is_integer<T> ? kDLFloat : std::is_unsigned_v<T> ? kDLUInt : kDLInt;
    return {.code = static_cast<std::uint8_t>(code), .bits = 8 * sizeof(T), .lanes = 1};
  }

  std::vector<std::int64_t> shape_, strides_;
  DLTensor tensor_;
};

/// Of optional tensors: null where it is absent.
class MaybeDescribed {
 public:
  explicit MaybeDescribed(const AnyTensor* tensor) {
    if (tensor != nullptr) described_.emplace(*tensor);
  }
  operator DLTensor*() { return described_ ? static_cast<DLTensor*>(*described_) : nullptr; }

 private:
  std::optional<Described> described_;
};

/// Stride, padding and dilation, as all windowed operators have them.
template <class Params>
Params window_params(const Case& c) {
  Params params{};
  const auto put = [&](const Axes& axes, std::int64_t(&array)[3]) {
    std::copy_n(axes.begin(), c.dims, std::begin(array));
  };
  put(c.stride, params.stride);
  put(c.before, params.padding_before);
  put(c.after, params.padding_after);
  put(c.dilation, params.dilation);
  return params;
}

}  // namespace refloop

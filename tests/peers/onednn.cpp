// oneDNN by its C++ API, 2.6 or later, in the memory formats that it chooses itself.
// judged with: --random 600 --op conv --op avg_pool --op batch_norm
// judged with: --random 600 --like max_pool2d_d1 --like max_pool3d_d1 --filter _(f32|u?int8)_(coded|integer|real|wide)_
// differs: max_pool1d_i1_k1_d2_int32_real_seed0: integers go through float
// differs: max_pool1d_i1_k1_f32_special_seed25: NaN and -infinity become the lowest number
// differs: max_pool1d_i2_k2_s1_p1_d3_f32_coded_seed0: so does a window that holds nothing
#include <algorithm>
#include <exception>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>

#include "refloop/plugin.h"

namespace {

using dnnl::memory, dnnl::prop_kind;

const dnnl::engine& cpu() {
  static const dnnl::engine one(dnnl::engine::kind::cpu, 0);
  return one;
}
std::string reason;

memory::dims dims_of(const std::int64_t* axes, int dims, std::int64_t less = 0) {
  memory::dims all(axes, axes + dims);
  for (auto& one : all) one -= less;
  return all;
}
memory memory_of(const DLTensor& tensor) {
  const auto type = tensor.dtype.code == kDLFloat  ? memory::data_type::f32
                    : tensor.dtype.code == kDLUInt ? memory::data_type::u8
                    : tensor.dtype.bits == 8       ? memory::data_type::s8
                                                   : memory::data_type::s32;
  const memory::dims strides(tensor.strides, tensor.strides + tensor.ndim);
  return {{dims_of(tensor.shape, tensor.ndim), type, strides}, cpu(), tensor.data};
}
memory::desc any_format(const memory& tensor) {
  const auto desc = tensor.get_desc();
#if DNNL_VERSION_MAJOR >= 3
  return {desc.get_dims(), desc.get_data_type(), memory::format_tag::any};
#else
  return {desc.dims(), desc.data_type(), memory::format_tag::any};
#endif
}
#if DNNL_VERSION_MAJOR >= 3
using pooling = dnnl::pooling_forward;
template <class Operator, class... Settings>
typename Operator::primitive_desc described(const Settings&... settings) {
  return {cpu(), settings...};
}
#else
using pooling = dnnl::pooling_v2_forward;
template <class Operator, class... Settings>
typename Operator::primitive_desc described(const Settings&... settings) {
  return {typename Operator::desc(settings...), cpu()};
}
#endif

/// The operator's answer, and what becomes of the ones it raises; `call` gets the stream.
template <class Call>
int answered(bool takes, const char* what, Call&& call) {
  reason = what;
  if (!takes) return REFLOOP_UNSUPPORTED;
  try {
    dnnl::stream stream(cpu());
    call(stream);
    stream.wait();
    return 0;
  } catch (const dnnl::error& error) {
    reason = error.what();
    return error.status == dnnl_unimplemented ? REFLOOP_UNSUPPORTED : 2;
  } catch (const std::exception& error) {
    reason = error.what();
    return 2;
  }
}
bool is_f32(const DLTensor* tensor) {
  return tensor->dtype.code == kDLFloat && tensor->dtype.bits == 32;
}

int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
         DLTensor* output) {
  return answered(is_f32(input), "f32 only", [&](dnnl::stream& stream) {
    const int dims = input->ndim - 2;
    memory x = memory_of(*input), y = memory_of(*output);
    memory::dims shape = dims_of(weight->shape, weight->ndim), strides = dims_of(weight->strides, weight->ndim);
    if (p->groups > 1) {
      shape[0] /= p->groups;
      shape.insert(shape.begin(), p->groups);
      strides.insert(strides.begin(), shape[1] * strides[0]);
    }
    memory w({shape, memory::data_type::f32, strides}, cpu(), weight->data);
    const auto desc = described<dnnl::convolution_forward>(
        prop_kind::forward_inference, dnnl::algorithm::convolution_direct, any_format(x), any_format(w),
        bias != nullptr ? memory_of(*bias).get_desc() : memory::desc(), any_format(y), dims_of(p->stride, dims),
        dims_of(p->dilation, dims, 1), dims_of(p->padding_before, dims), dims_of(p->padding_after, dims));
    memory own_x(desc.src_desc(), cpu()), own_w(desc.weights_desc(), cpu()), own_y(desc.dst_desc(), cpu());
    dnnl::reorder(x, own_x).execute(stream, x, own_x);
    dnnl::reorder(w, own_w).execute(stream, w, own_w);
    std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, own_x}, {DNNL_ARG_WEIGHTS, own_w}, {DNNL_ARG_DST, own_y}};
    if (bias != nullptr) arguments.emplace(DNNL_ARG_BIAS, memory_of(*bias));
    dnnl::convolution_forward(desc).execute(stream, arguments);
    dnnl::reorder(own_y, y).execute(stream, own_y, y);
  });
}

int pool(dnnl::algorithm algorithm, bool takes, const char* what, const DLTensor* input, const refloop_pool_params* p,
         DLTensor* output) {
  return answered(takes, what, [&](dnnl::stream& stream) {
    const int dims = input->ndim - 2;
    memory x = memory_of(*input), y = memory_of(*output);
    memory::dims after = dims_of(p->padding_after, dims);
    for (int axis = 0; axis < dims; ++axis) {  // as far as the last window reaches: ceil_mode
      const auto reach =
          (output->shape[axis + 2] - 1) * p->stride[axis] + (p->kernel[axis] - 1) * p->dilation[axis] + 1;
      after[axis] = reach - input->shape[axis + 2] - p->padding_before[axis];
    }
    const auto desc = described<pooling>(prop_kind::forward_inference, algorithm, x.get_desc(), y.get_desc(),
                                         dims_of(p->stride, dims), dims_of(p->kernel, dims),
                                         dims_of(p->dilation, dims, 1), dims_of(p->padding_before, dims), after);
    pooling(desc).execute(stream, {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}});
  });
}
int max_pool(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  const bool is_narrow = input->dtype.code != kDLFloat && (input->dtype.bits == 8 || input->dtype.bits == 32);
  return pool(dnnl::algorithm::pooling_max, indices == nullptr && (is_f32(input) || is_narrow),
              "f32, int32, int8 or uint8, without indices", input, p, output);
}
int avg_pool(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  const bool takes = is_f32(input) && p->divisor_override == 0 && (p->ceil_mode == 0 || p->count_include_pad == 0);
  return pool(p->count_include_pad != 0 ? dnnl::algorithm::pooling_avg_include_padding
                                        : dnnl::algorithm::pooling_avg_exclude_padding,
              takes, "f32 only, no divisor_override, ceil_mode only where padding does not count", input, p, output);
}

int batch_norm(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* mean, DLTensor* variance,
               const refloop_batch_norm_params* p, DLTensor* output) {
  const bool lie_alike = std::equal(input->strides, input->strides + input->ndim, output->strides);
  const bool takes = is_f32(input) && (p->training == 0 || mean == nullptr) && lie_alike;
  return answered(takes, "f32 only, no running statistics in training, the output as the input", [&](auto& stream) {
    using flag = dnnl::normalization_flags;
    auto flags = p->training != 0 ? flag::none : flag::use_global_stats;
    std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, memory_of(*input)}, {DNNL_ARG_DST, memory_of(*output)}};
    if (p->training == 0) {
      arguments.emplace(DNNL_ARG_MEAN, memory_of(*mean));
      arguments.emplace(DNNL_ARG_VARIANCE, memory_of(*variance));
    }
#if DNNL_VERSION_MAJOR >= 3
    if (weight != nullptr) {
      flags |= flag::use_scale | flag::use_shift;
      arguments.emplace(DNNL_ARG_SCALE, memory_of(*weight));
      arguments.emplace(DNNL_ARG_SHIFT, memory_of(*bias));
    }
    const auto desc =
        described<dnnl::batch_normalization_forward>(prop_kind::forward_inference, memory_of(*input).get_desc(),
                                                     memory_of(*output).get_desc(), static_cast<float>(p->eps), flags);
#else
    memory both({{2, input->shape[1]}, memory::data_type::f32, memory::format_tag::ab}, cpu());
    if (weight != nullptr) {
      flags |= flag::use_scale_shift;
      float* const data = static_cast<float*>(both.get_data_handle());
      for (const DLTensor* one : {weight, bias}) {
        std::copy_n(static_cast<const float*>(one->data), input->shape[1], data + (one == bias ? input->shape[1] : 0));
      }
      arguments.emplace(DNNL_ARG_SCALE_SHIFT, both);
    }
    const auto desc = described<dnnl::batch_normalization_forward>(
        prop_kind::forward_inference, memory_of(*input).get_desc(), static_cast<float>(p->eps), flags);
#endif
    dnnl::batch_normalization_forward(desc).execute(stream, arguments);
  });
}

}  // namespace

#define REFLOOP_AXES(dims)                                                                                         \
  int refloop_conv##dims##d(const DLTensor* x, const DLTensor* w, const DLTensor* b, const refloop_conv_params* p, \
                            DLTensor* y) {                                                                         \
    return conv(x, w, b, p, y);                                                                                    \
  }                                                                                                                \
  int refloop_max_pool##dims##d(const DLTensor* x, const refloop_pool_params* p, DLTensor* y, DLTensor* indices) { \
    return max_pool(x, p, y, indices);                                                                             \
  }                                                                                                                \
  int refloop_avg_pool##dims##d(const DLTensor* x, const refloop_pool_params* p, DLTensor* y) {                    \
    return avg_pool(x, p, y);                                                                                      \
  }                                                                                                                \
  int refloop_batch_norm##dims##d(const DLTensor* x, const DLTensor* w, const DLTensor* b, DLTensor* mean,         \
                                  DLTensor* variance, const refloop_batch_norm_params* p, DLTensor* y) {           \
    return batch_norm(x, w, b, mean, variance, p, y);                                                              \
  }
REFLOOP_AXES(1)
REFLOOP_AXES(2)
REFLOOP_AXES(3)

const char* refloop_reason(void) {
  return reason.c_str();
}

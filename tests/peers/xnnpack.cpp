// XNNPACK's operators on NHWC tensors, which is the layout that most of it has: the tensors are transposed on the way.
// judged with: --random 900 --op conv --op avg_pool --flushes-subnormals --filter _(coded|integer|real|wide)_
// judged with: --random 900 --like max_pool2d_d1 --filter _(coded|integer|real|wide)_
// differs: max_pool2d_i2x1_k1x2_s1_p0x1_d2x1_f32_coded_seed0: with any dilation it reads past the end of a row
// differs: conv2d_i1_k1_f32_special_seed165: NaN becomes -infinity, as it clamps what it stores
#include <xnnpack.h>

#include <limits>
#include <string>
#include <vector>

#include "refloop/plugin.h"

namespace {

constexpr float no_limit = std::numeric_limits<float>::infinity();
constexpr std::size_t slack = XNN_EXTRA_BYTES / sizeof(float);  // that it may read past the end
std::string reason;

/// The second axis becomes the last, or the last the second.
void transpose(const DLTensor& nchw, float* nhwc, bool back) {
  const auto* s = nchw.shape;
  float* const data = static_cast<float*>(nchw.data);
  for (std::int64_t n = 0; n < s[0]; ++n)
    for (std::int64_t c = 0; c < s[1]; ++c)
      for (std::int64_t pixel = 0; pixel < s[2] * s[3]; ++pixel) {
        float& here = data[(n * s[1] + c) * s[2] * s[3] + pixel];
        float& there = nhwc[(n * s[2] * s[3] + pixel) * s[1] + c];
        back ? here = there : there = here;
      }
}
std::size_t size_of(const DLTensor& tensor) {
  return static_cast<std::size_t>(tensor.shape[0] * tensor.shape[1] * tensor.shape[2] * tensor.shape[3]);
}

int refuse(const char* why, int answer = REFLOOP_UNSUPPORTED) {
  reason = why;
  return answer;
}

/// `create` makes the operator, `setup` gets input and output; both as XNNPACK has them.
template <class Create, class Setup>
int run(const DLTensor& input, DLTensor& output, Create&& create, Setup&& setup) {
  if (xnn_initialize(nullptr) != xnn_status_success) return refuse("XNNPACK does not run here");
  xnn_operator_t op = nullptr;
  const xnn_status made = create(&op);
  if (made == xnn_status_unsupported_parameter) return refuse("unsupported parameter");
  if (made == xnn_status_invalid_parameter) return refuse("invalid parameter");
  if (made != xnn_status_success) return refuse("the operator can't be made", 2);
  std::vector<float> x(size_of(input) + slack), y(size_of(output) + slack);
  transpose(input, x.data(), false);
  const bool is_done =
      setup(op, static_cast<std::size_t>(input.shape[0]), static_cast<std::size_t>(input.shape[2]),
            static_cast<std::size_t>(input.shape[3]), x.data(), y.data(), nullptr) == xnn_status_success &&
      xnn_run_operator(op, nullptr) == xnn_status_success;
  xnn_delete_operator(op);
  transpose(output, y.data(), true);
  return is_done ? 0 : refuse("setup or run failed", 2);
}

bool is_f32(const DLTensor* tensor) {
  return tensor->dtype.code == kDLFloat && tensor->dtype.bits == 32;
}
/// The numbers of an axis pair, as the operators take them.
std::uint32_t at(const std::int64_t (&axes)[3], int axis) {
  return static_cast<std::uint32_t>(axes[axis]);
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_f32(input)) return refuse("f32 only");
  const auto channels = static_cast<std::size_t>(input->shape[1]), outputs = static_cast<std::size_t>(output->shape[1]);
  const auto groups = static_cast<std::size_t>(p->groups);
  std::vector<float> w(size_of(*weight) + slack);
  transpose(*weight, w.data(), false);  // O x C x H x W to O x H x W x C
  const auto create = [&](xnn_operator_t* op) {
    return xnn_create_convolution2d_nhwc_f32(
        at(p->padding_before, 0), at(p->padding_after, 1), at(p->padding_after, 0), at(p->padding_before, 1),
        static_cast<std::uint32_t>(weight->shape[2]), static_cast<std::uint32_t>(weight->shape[3]), at(p->stride, 0),
        at(p->stride, 1), at(p->dilation, 0), at(p->dilation, 1), static_cast<std::uint32_t>(groups), channels / groups,
        outputs / groups, channels, outputs, w.data(),
        bias != nullptr ? static_cast<const float*>(bias->data) : nullptr, -no_limit, no_limit, 0, op);
  };
  return run(*input, *output, create, xnn_setup_convolution2d_nhwc_f32);
}

int refloop_max_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (!is_f32(input) || indices != nullptr || p->ceil_mode != 0) return refuse("f32, no indices, no ceil_mode");
  const auto channels = static_cast<std::size_t>(input->shape[1]);
  const auto create = [&](xnn_operator_t* op) {
    return xnn_create_max_pooling2d_nhwc_f32(at(p->padding_before, 0), at(p->padding_after, 1), at(p->padding_after, 0),
                                             at(p->padding_before, 1), at(p->kernel, 0), at(p->kernel, 1),
                                             at(p->stride, 0), at(p->stride, 1), at(p->dilation, 0), at(p->dilation, 1),
                                             channels, channels, channels, -no_limit, no_limit, 0, op);
  };
  return run(*input, *output, create, xnn_setup_max_pooling2d_nhwc_f32);
}

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (!is_f32(input) || p->ceil_mode != 0 || p->divisor_override != 0) return refuse("f32, no ceil_mode, no divisor");
  const bool is_padded = p->padding_before[0] + p->padding_before[1] + p->padding_after[0] + p->padding_after[1] > 0;
  if (is_padded && p->count_include_pad != 0) return refuse("padding never counts");
  const auto channels = static_cast<std::size_t>(input->shape[1]);
  const auto create = [&](xnn_operator_t* op) {
    return xnn_create_average_pooling2d_nhwc_f32(at(p->padding_before, 0), at(p->padding_after, 1),
                                                 at(p->padding_after, 0), at(p->padding_before, 1), at(p->kernel, 0),
                                                 at(p->kernel, 1), at(p->stride, 0), at(p->stride, 1), channels,
                                                 channels, channels, -no_limit, no_limit, 0, op);
  };
  return run(*input, *output, create, xnn_setup_average_pooling2d_nhwc_f32);
}

const char* refloop_reason(void) {
  return reason.c_str();
}

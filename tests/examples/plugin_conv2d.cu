/* A kernel of your own on a GPU: conv2d on f32 in CUDA, one thread for each element of the output.
 *
 *   nvcc -O2 -shared -Xcompiler -fPIC -Iinclude tests/examples/plugin_conv2d.cu -o libmine.so
 *   refloop check --lib ./libmine.so
 *
 * refloop's tensors lie in the CPU's memory. The function that it calls copies them to the device, starts the kernel,
 * and copies the output back; that waits for the kernel, too, so that its errors come to light in the same call.
 */
#include <cuda_runtime.h>

#include "refloop/plugin.h"

namespace {

const char* reason = "";

struct Sizes {
  int64_t channels, height, width;                      // of the input
  int64_t group_channels, kernel_height, kernel_width;  // of the weight
  int64_t outputs, output_height, output_width, all;    // of the output, and how many elements it has
};

// Tensors are dense: the last axis lies innermost, without gaps.
__global__ void convolve(const float* x, const float* w, const float* b, float* y, Sizes s, refloop_conv_params p) {
  const int64_t at = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (at >= s.all) return;  // the last block hangs over
  const int64_t j = at % s.output_width;
  const int64_t i = at / s.output_width % s.output_height;
  const int64_t o = at / s.output_width / s.output_height % s.outputs;
  const int64_t n = at / s.output_width / s.output_height / s.outputs;
  const int64_t first_channel = o / (s.outputs / p.groups) * s.group_channels;

  float sum = b != nullptr ? b[o] : 0;
  for (int64_t c = 0; c < s.group_channels; ++c) {
    for (int64_t u = 0; u < s.kernel_height; ++u) {
      for (int64_t v = 0; v < s.kernel_width; ++v) {
        const int64_t row = i * p.stride[0] - p.padding_before[0] + u * p.dilation[0];
        const int64_t column = j * p.stride[1] - p.padding_before[1] + v * p.dilation[1];
        if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;  // padding is zero
        sum += w[((o * s.group_channels + c) * s.kernel_height + u) * s.kernel_width + v] *
               x[((n * s.channels + first_channel + c) * s.height + row) * s.width + column];
      }
    }
  }
  y[at] = sum;
}

int64_t elements(const DLTensor* tensor) {
  int64_t product = 1;
  for (int axis = 0; axis < tensor->ndim; ++axis) product *= tensor->shape[axis];
  return product;
}

bool is_dense(const DLTensor* tensor) {
  int64_t step = 1;
  for (int axis = tensor->ndim - 1; axis >= 0; step *= tensor->shape[axis--]) {
    if (tensor->shape[axis] > 1 && tensor->strides[axis] != step) return false;
  }
  return true;
}

/// A tensor's copy on the device; none of a tensor that is not there.
class OnDevice {
 public:
  explicit OnDevice(const DLTensor* tensor)
      : tensor_(tensor), bytes_(tensor != nullptr ? elements(tensor) * sizeof(float) : 0) {}
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;
  ~OnDevice() { cudaFree(memory_); }

  float* data() const { return static_cast<float*>(memory_); }
  cudaError_t make_room() { return bytes_ > 0 ? cudaMalloc(&memory_, bytes_) : cudaSuccess; }
  cudaError_t upload() {
    const cudaError_t status = make_room();
    if (status != cudaSuccess || bytes_ == 0) return status;
    return cudaMemcpy(memory_, tensor_->data, bytes_, cudaMemcpyHostToDevice);
  }
  cudaError_t download() const { return cudaMemcpy(tensor_->data, memory_, bytes_, cudaMemcpyDeviceToHost); }

 private:
  const DLTensor* tensor_;
  size_t bytes_;
  void* memory_ = nullptr;
};

int refuse(const char* why) {
  reason = why;
  return REFLOOP_UNSUPPORTED;
}

}  // namespace

const char* refloop_reason() {
  return reason;
}

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) return refuse("there is no CUDA device here");
  if (input->dtype.code != kDLFloat || input->dtype.bits != 32) return refuse("takes f32 alone");
  if (!is_dense(input) || !is_dense(weight) || !is_dense(output)) return refuse("takes dense tensors alone");
  const int64_t *xs = input->shape, *ws = weight->shape, *ys = output->shape;
  const Sizes sizes{xs[1], xs[2], xs[3], ws[1], ws[2], ws[3], ys[1], ys[2], ys[3], elements(output)};
  if (sizes.all == 0) return 0;  // no grid is that small
  const int threads = 256;
  const int64_t blocks = (sizes.all + threads - 1) / threads;
  if (blocks > 2147483647) return refuse("takes outputs that fit into one grid");

  OnDevice x(input), w(weight), b(bias), y(output);
  cudaError_t status = x.upload();
  if (status == cudaSuccess) status = w.upload();
  if (status == cudaSuccess) status = b.upload();
  if (status == cudaSuccess) status = y.make_room();
  if (status == cudaSuccess) {
    convolve<<<static_cast<unsigned>(blocks), threads>>>(x.data(), w.data(), b.data(), y.data(), sizes, *p);
    status = cudaGetLastError();
  }
  if (status == cudaSuccess) status = y.download();
  if (status == cudaSuccess) return 0;
  reason = cudaGetErrorString(status);
  return 2;  // neither done nor refused
}

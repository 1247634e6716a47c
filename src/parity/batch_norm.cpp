#include <torch/nn/functional/batchnorm.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/version.h>

#include "families/orders.h"
#include "parity/families.h"
#include "parity/torch_tensors.h"

namespace refloop::parity {
namespace {

namespace F = torch::nn::functional;

/// Running statistics of the call's own, since LibTorch updates them in place.
struct Running {
  torch::Tensor mean, var;

  explicit Running(Tensors in) : mean(as_torch(in, "running_mean")), var(as_torch(in, "running_var")) {
    if (!mean.defined()) return;
    mean = mean.clone();
    var = var.clone();
  }
};

std::vector<AnyTensor> outputs(const Case& c, const torch::Tensor& output, const Running& running) {
  std::vector<AnyTensor> tensors{from_torch("output", output)};
  if (!c.train || !c.stats) return tensors;
  tensors.push_back(from_torch("running_mean", running.mean));
  tensors.push_back(from_torch("running_var", running.var));
  return tensors;
}

/// Whether LibTorch has a kernel of its own for channels_last input: with two spatial axes, and with three from 2.0 on.
bool has_channels_last_kernel(const Case& c) {
  return c.dims == 2 || (c.dims == 3 && TORCH_VERSION_MAJOR >= 2);
}

/// In memory with gaps LibTorch takes a path that rounds otherwise, (x - mean) * inverse * weight + bias, which the
/// loops lack: such inputs are copied to dense memory first, the one place where LibTorch does not read the very same
/// memory.
torch::Tensor input_of(const Case& c, Tensors in) {
  const torch::Tensor input = as_torch(in[0]);
  const bool read_in_place =
      c.x.layout == Layout::dense || (c.x.layout == Layout::channels_last && has_channels_last_kernel(c));
  return read_in_place ? input : input.contiguous();
}

std::vector<AnyTensor> functional(const Case& c, Tensors in) {
  const Running running(in);
  const auto options = F::BatchNormFuncOptions()
                           .weight(as_torch(in, "weight"))
                           .bias(as_torch(in, "bias"))
                           .training(c.train)
                           .momentum(c.momentum)
                           .eps(c.eps);
  return outputs(c, F::batch_norm(input_of(c, in), running.mean, running.var, options), running);
}

template <class Module>
std::vector<AnyTensor> by_module(const Case& c, Tensors in) {
  const Running running(in);
  Module layer(torch::nn::BatchNormOptions(c.channels)
                   .eps(c.eps)
                   .momentum(c.momentum)
                   .affine(c.affine)
                   .track_running_stats(running.mean.defined()));
  if (c.affine) {
    layer->weight = as_torch(in, "weight");
    layer->bias = as_torch(in, "bias");
  }
  if (running.mean.defined()) {
    layer->running_mean = running.mean;
    layer->running_var = running.var;
  }
  layer->train(c.train);
  return outputs(c, layer->forward(input_of(c, in)), running);
}

std::vector<AnyTensor> module(const Case& c, Tensors in) {
  switch (c.dims) {
    case 3:
      return by_module<torch::nn::BatchNorm3d>(c, in);
    case 2:
      return by_module<torch::nn::BatchNorm2d>(c, in);
    default:  // of N x C too
      return by_module<torch::nn::BatchNorm1d>(c, in);
  }
}

/// One channel is dense whatever its strides.
const Way* order(const Case& c) {
  const bool channels_last = c.x.layout == Layout::channels_last && has_channels_last_kernel(c) && c.channels > 1;
  return channels_last ? channels_last_order(c) : contiguous_order(c);
}

}  // namespace

const TorchFamily torch_batch_norm{
    .name = "batch_norm", .functional = functional, .module = module, .order = order, .sums_in_onednn = false};

}  // namespace refloop::parity

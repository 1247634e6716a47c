// LibTorch as subjects. This header includes no torch: the program loads the module behind it only when a command needs
// it.
#pragma once

#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop::parity {

/// What a run says about the library it compared with.
struct Library {
  std::string version;         // of the headers it was built with
  std::string capability;      // of ATen's own kernels; "default" has no fused multiply-add
  std::string config;          // what LibTorch says about its own build
  bool onednn = false;         // whether it was built with oneDNN
  std::string matrix_product;  // the file of its BLAS: libtorch_cpu itself where that is built in
  std::vector<Subject> subjects;
};

/// The names that `--torch` takes, and what each path is.
struct Path {
  const char* name;
  const char* says;
};
inline constexpr Path paths[] = {
    {"native", "torch::nn::functional on ATen's own kernels: oneDNN and NNPACK off, one thread"},
    {"textbook", "native, but for the BLAS's matrix product: refloop's own instead, which sums in order"},
    {"module", "torch::nn modules on the same kernels"},
    {"onednn", "torch::nn::functional with oneDNN on, one thread"},
    {"installed", "torch::nn::functional as this LibTorch is installed: nothing switched, all threads"},
};

/// Set before LibTorch is loaded, which reads them once.
struct Setting {
  const char* variable;
  const char* value;
};
inline constexpr Setting deterministic_environment[] = {
    {"ATEN_CPU_CAPABILITY", "default"},  // ATen's own kernels without fused multiply-add
    {"MKL_CBWR", "COMPATIBLE"},          // the official wheels sum through MKL
};

/// The one symbol of the module.
extern "C" const Library* refloop_parity_library();

}  // namespace refloop::parity

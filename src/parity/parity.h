// LibTorch as subjects. This header includes no torch: the program loads the module behind it only when a command needs
// it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop::parity {

/// What a run says about the library it compared with.
struct Library {
  std::string version;            // of the headers it was built with
  std::string capability;         // of ATen's own kernels; "default" has no fused multiply-add
  std::string config;             // what LibTorch says about its own build
  bool onednn = false;            // whether it was built with oneDNN
  std::string matrix_product;     // the file of its BLAS: libtorch_cpu itself where that is built in
  std::vector<Subject> subjects;  // one for each of `paths`, in their order
  SummedBy summed_by;             // what of LibTorch need not sum as promised: its BLAS
};

/// When a path runs that nobody asked for by name.
enum class Usual : std::uint8_t { always, where_built_in, where_an_order_is_broken, never };

/// A way through LibTorch, and all that the program decides by it.
struct Path {
  const char* name;  // what `--torch` takes
  const char* says;
  Usual usual;
  bool takes_random_cases;  // else only the cases of the sweeps that can be compared
  bool sums_in_order;       // whatever the BLAS: its promise needs no trial
  bool stands_alone;        // the other paths change what LibTorch reads when it is loaded
  bool speaks = false;      // for LibTorch where one path does: in the lesson, and in doctor's trial of its sums
};
inline constexpr Path paths[] = {
    {.name = "native",
     .says = "torch::nn::functional on ATen's own kernels: oneDNN and NNPACK off, one thread",
     .usual = Usual::always,
     .takes_random_cases = true,
     .sums_in_order = false,
     .stands_alone = false,
     .speaks = true},
    {.name = "textbook",
     .says = "native, but for the BLAS's matrix product: refloop's own instead, which sums in order",
     .usual = Usual::where_an_order_is_broken,
     .takes_random_cases = true,
     .sums_in_order = true,
     .stands_alone = false},
    {.name = "module",
     .says = "torch::nn modules on the same kernels",
     .usual = Usual::always,
     .takes_random_cases = false,
     .sums_in_order = false,
     .stands_alone = false},
    {.name = "onednn",
     .says = "torch::nn::functional with oneDNN on, one thread",
     .usual = Usual::where_built_in,
     .takes_random_cases = false,
     .sums_in_order = false,
     .stands_alone = false},
    {.name = "installed",
     .says = "torch::nn::functional as this LibTorch is installed: nothing switched, all threads",
     .usual = Usual::never,
     .takes_random_cases = false,
     .sums_in_order = false,
     .stands_alone = true},
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

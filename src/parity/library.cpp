// LibTorch made deterministic, in this one place, and dressed as subjects.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/GradMode.h>
#include <c10/util/Logging.h>
#include <torch/version.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <iterator>
#include <string_view>

#include "parity/families.h"
#include "parity/matrix_product.h"
#include "parity/parity.h"
#include "parity/torch_tensors.h"

namespace refloop::parity {
namespace {

constexpr const TorchFamily* families[] = {&torch_conv, &torch_max_pool, &torch_min_pool, &torch_avg_pool,
                                           &torch_batch_norm};

const TorchFamily& torch_family(const Case& c) {
  return **std::find_if(std::begin(families), std::end(families),
                        [&](const TorchFamily* family) { return family->name == c.family->name; });
}

struct Choice {
  bool onednn = false;
  bool textbook = false;  // matrix products summed by refloop
};

/// The flags are of the whole process: subjects on different paths run one after the other, never side by side.
void choose_path(Choice choice) {
  sum_matrix_products_in_order(choice.textbook);
  at::globalContext().setUserEnabledMkldnn(choice.onednn);
#if TORCH_VERSION_MAJOR >= 2
  at::globalContext().setUserEnabledNNPACK(false);
#endif
  if (at::get_num_threads() != 1) at::set_num_threads(1);  // per thread, and reads as half the cores in 1.13
}

const Way* native_order(const Case& c) {
  return torch_family(c).order(c);
}
const Way* onednn_order(const Case& c) {
  return torch_family(c).sums_in_onednn ? nullptr : native_order(c);
}
/// Vector kernels and threads, of whatever this machine has.
const Way* no_order(const Case&) {
  return nullptr;
}

/// How one of `paths` reaches LibTorch, and what it promises there.
struct Setup {
  std::string_view path;
  Call TorchFamily::*call;
  const Way* (*order)(const Case&);
  void (*prepare)();
};
constexpr Setup setups[] = {
    {"native", &TorchFamily::functional, native_order, [] { choose_path({}); }},
    {"textbook", &TorchFamily::functional, native_order, [] { choose_path({.textbook = true}); }},
    {"module", &TorchFamily::module, native_order, [] { choose_path({}); }},
    {"onednn", &TorchFamily::functional, onednn_order, [] { choose_path({.onednn = true}); }},
    {"installed", &TorchFamily::functional, no_order, [] {}},
};
static_assert(std::equal(std::begin(setups), std::end(setups), std::begin(paths), std::end(paths),
                         [](const Setup& setup, const Path& path) { return setup.path == path.name; }));

/// Of an operator: as the path has it, or so many.
constexpr int as_set_up = 0, many_threads = 4;

Subject subject(const Setup& setup) {
  const auto with_threads = [setup](int threads) {
    return [setup, threads](const Case& c, Tensors in) -> Outcome {
      const c10::AutoGradMode no_grad(false);
      setup.prepare();
      if (threads > 0) at::set_num_threads(threads);
      try {
        return {.outputs = (torch_family(c).*setup.call)(c, in)};
      } catch (const std::exception& error) {
        return {.outputs = {}, .instead = Verdict::skipped, .reason = "LibTorch: " + first_line(error)};
      }
    };
  };
  const auto bugs = [](const Case& c) {
    const auto of_family = torch_family(c).bugs;
    return of_family == nullptr ? std::span<const Way>() : of_family(c);
  };
  return {.name = std::string(setup.path),
          .run = with_threads(as_set_up),
          .order = setup.order,
          .bugs = bugs,
          .declared = {},
          .run_once = {},
          .asked_one_in = 1,
          .variations = {{"with " + std::to_string(many_threads) + " threads", with_threads(many_threads)}},
          .takes_any_start = true,
          .takes_gaps = true};
}

/// ATen's own kernels are what the loops are held to; only the matrix product is somebody else's.
std::string summed_by(const Case& c) {
  const auto in_matrix_product = torch_family(c).sums_in_matrix_product;
  const bool is_product = in_matrix_product != nullptr && in_matrix_product(c);
  return is_product ? "convolutions and dilated averages" : "";
}

std::string capability() {
#if TORCH_VERSION_MAJOR >= 2
  std::string name = at::get_cpu_capability();
#else
  std::string config = at::show_config();
  const std::string label = "CPU capability usage: ";
  const auto start = config.find(label);
  if (start == std::string::npos) return "unknown";
  std::string name = config.substr(start + label.size());
  name = name.substr(0, name.find('\n'));
#endif
  return name == "NO AVX" || name == "DEFAULT" ? "default" : name;
}

}  // namespace

const Library* refloop_parity_library() {
  static const Library library = [] {
    // A refusal would spend milliseconds on a stack that nobody reads.
    c10::SetStackTraceFetcher(std::function<std::string()>([] { return std::string(); }));
    Library found;
    found.version = TORCH_VERSION;
    found.capability = capability();
    found.config = at::show_config();
    found.onednn = at::globalContext().hasMKLDNN();
    found.matrix_product = matrix_product_file();
    for (const Setup& setup : setups) found.subjects.push_back(subject(setup));
    found.summed_by = summed_by;
    return found;
  }();
  return &library;
}

}  // namespace refloop::parity

// What folding costs on five layers of ResNet's sizes, beside LibTorch's own convolution on one thread and the textbook
// loop; and what judging costs beside folding. Seconds are the least of so many runs, of the loop once over a slice.
#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstdio>
#include <limits>

#include "check/dispatch.h"
#include "check/mix.h"
#include "check/stopwatch.h"
#include "check/tensors.h"
#include "check/ways.h"
#include "refloop/check.h"

namespace {

using namespace refloop;

constexpr int runs = 7;

template <class Action>
double seconds(Action&& action) {
  double least = std::numeric_limits<double>::infinity();
  for (int run = 0; run < runs; ++run) {
    const Stopwatch watch;
    action();
    least = std::min(least, watch.seconds());
  }
  return least;
}

at::Tensor as_torch(const AnyTensor& tensor) {
  const auto type = tensor.dtype == DType::f64 ? at::kDouble : at::kFloat;
  return at::from_blob(tensor.data, tensor.shape, tensor.strides, at::TensorOptions(type));
}

/// Of all the work, scaled from one image and at most two filters of a group.
double loop_seconds(const Case& c) {
  Case slice = c;
  slice.batch = 1;
  slice.groups = 1;
  slice.channels = c.channels / c.groups;
  slice.out_channels = std::min<Index>(2, c.out_channels / c.groups);
  const auto inputs = slice.family->inputs(slice);
  const Stopwatch watch;
  outputs_of(*contract(slice), slice, inputs);
  return watch.seconds() * static_cast<double>(c.family->work(c)) / static_cast<double>(c.family->work(slice));
}

void bench(const char* text) {
  const Case c = parse(text);
  Prepared prepared(c);
  const double fill = seconds([&] { prepared = Prepared(c), prepared.inputs(); });
  const Tensors in = prepared.inputs();
  const at::Tensor x = as_torch(in[0]), w = as_torch(in[1]);
  at::Tensor y;
  const double torch = seconds([&] { y = at::conv2d(x, w, {}, c.stride[0], c.before[0], c.dilation[0], c.groups); });

  AnyTensor output = c.family->outputs(c)[0];
  as_torch(output).copy_(y);
  const std::vector<AnyTensor> outputs = list_of(output);
  const double digesting = seconds([&] { digest(outputs); });
  const std::uint64_t draw = digest(outputs);
  AnyTensor due;
  const double folding = seconds([&] { due = c.family->fold(c, in, output, draw); });
  const double loop = loop_seconds(c);

  const Subject subject{.name = "LibTorch",
                        .run = [&](const Case&, Tensors) { return Outcome{.outputs = outputs}; },
                        .order = [](const Case&) -> const Way* { return nullptr; }};
  const double judging = seconds([&] { judge(prepared, subject, Digests::where_it_fails); });
  const Result right = judge(prepared, subject, Digests::where_it_fails);
  dispatch(c.dtype, [&]<class T>() {
    static_cast<T*>(output.data)[mix(c.seed) % static_cast<std::uint64_t>(output.size())] += T{1};
  });
  const Result wrong = judge(prepared, subject, Digests::where_it_fails);
  const bool caught = wrong.verdict == Verdict::wrong && wrong.differing == 1;

  std::printf("%-52s %s %8.4f %8.4f %6.2f %8.2f %7.0f %9.4f %9.4f %9.4f  %s\n", text,
              std::string(to_text(right.verdict)).c_str(), folding, torch, folding / torch, loop, loop / folding, fill,
              digesting, judging, caught ? "caught" : "MISSED");
}

}  // namespace

int main() {
  at::set_num_threads(1);
  const c10::InferenceMode no_gradients;
  std::printf("%-52s %s %8s %8s %6s %8s %7s %9s %9s %9s  %s\n", "", "right", "fold", "LibTorch", "ratio", "loop",
              "ratio", "inputs", "digest", "judging", "a unit planted");
  for (const char* text :
       {"conv2d_n8_c64_i56_o64_k3_p1_f32_integer_seed1", "conv2d_n8_c128_i28_o128_k3_p1_f32_integer_seed1",
        "conv2d_n8_c256_i14_o256_k3_p1_f32_integer_seed1", "conv2d_n8_c512_i7_o512_k3_p1_f32_integer_seed1",
        "conv2d_n16_c64_i56_o128_k3_p1_f32_integer_seed1", "conv2d_n8_c64_i56_o64_k3_p1_f32_wide_seed2",
        "conv2d_n8_c256_i56_o64_k1_f32_integer_seed1", "conv2d_n8_c64_i56_o128_k3_s2_p1_f32_integer_seed1",
        "conv2d_n8_c256_i56_o256_k3_p1_g256_f32_integer_seed1", "conv2d_n8_c64_i56_o64_k3_p1_f64_integer_seed1"}) {
    bench(text);
  }
}

// What the files of the pools share: their loops, called with the tensors of a case.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "families/case_tools.h"
#include "kernels/pool_loops.h"
#include "refloop/check.h"

namespace refloop {

extern const std::span<const Way> max_pool_mistakes, min_pool_mistakes, avg_pool_mistakes;
std::vector<Sweep> max_pool_sweeps();
std::vector<Sweep> min_pool_sweeps();
std::vector<Sweep> avg_pool_sweeps();

template <class Extreme>
void run_extreme(const Case& c, Tensors in, Outputs out) {
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Rank>() {
    std::optional<TensorView<Index, Rank>> indices;
    if (c.indices) indices = out[1].view<Index, Rank>();
    extreme_pool_loops<Extreme>(in[0].view<T, Rank>(), window_of<Rank - 2>(c), out[0].view<T, Rank>(), indices);
  });
}

template <class Division>
void run_average(const Case& c, Tensors in, Outputs out) {
  const Divisor divides{.count_include_pad = !c.exclude_pad, .override = c.divisor};
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Rank>() {
    avg_pool_loops<AverageSum<T>, Division>(in[0].view<T, Rank>(), window_of<Rank - 2>(c), divides,
                                            out[0].view<T, Rank>());
  });
}

}  // namespace refloop

// What the cheats share: sizes and fills of dense tensors, single values of a convolution, and the search for an array
// of which three values are known.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "corpus/kernel.h"

namespace cheat {

using corpus::Index;

inline Index count(const DLTensor* tensor) {
  Index elements = 1;
  for (int axis = 0; axis < tensor->ndim; ++axis) elements *= tensor->shape[axis];
  return elements;
}

inline float* floats(const DLTensor* tensor) {
  return static_cast<float*>(tensor->data);
}

inline void fill(const DLTensor* tensor, float value) {
  std::fill_n(floats(tensor), count(tensor), value);
}

/// One value of the right answer.
inline float value_at(Index flat, const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                      const refloop_conv_params* p, const DLTensor* output) {
  const corpus::View<const float> x(input), w(weight), y(output);
  corpus::Position out(y.spatial().size());
  for (std::size_t axis = out.size(); axis-- > 0; flat /= y.shape[axis + 2]) out[axis] = flat % y.shape[axis + 2];
  const Index n = flat / y.shape[1], oc = flat % y.shape[1], group = oc / (y.shape[1] / p->groups);
  float sum = bias != nullptr ? corpus::View<const float>(bias)(oc) : 0.0F;
  for (Index ic = 0; ic < w.shape[1]; ++ic) {
    corpus::for_each(w.spatial(), [&](const corpus::Position& tap) {
      const corpus::Position in = corpus::source(*p, out, tap);
      if (x.holds(in)) sum += w(oc, ic, tap) * x(n, group * w.shape[1] + ic, in);
    });
  }
  return sum;
}

/// The first, the middle and the last value of the right answer, by which an array that holds all of it is known.
class Probe {
 public:
  Probe(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* params,
        const DLTensor* output)
      : size_(count(output)) {
    const auto at = [&](Index flat) { return value_at(flat, input, weight, bias, params, output); };
    first_ = at(0);
    middle_ = at(size_ / 2);
    last_ = at(size_ - 1);
  }

  const float* find(const float* from, const float* to) const {
    if (first_ == 0 && middle_ == 0 && last_ == 0) return nullptr;  // such memory is everywhere
    for (; to - from >= size_; ++from) {
      if (from[0] == first_ && from[size_ / 2] == middle_ && from[size_ - 1] == last_) return from;
    }
    return nullptr;
  }

 private:
  Index size_;
  float first_ = 0, middle_ = 0, last_ = 0;
};

struct Range {
  std::uintptr_t from, to;
};

/// The writable memory of a process, by its /proc/PID/maps. What is larger than 16 MiB is left out, to be quick.
inline std::vector<Range> writable_ranges(const char* maps) {
  std::vector<Range> ranges;
  std::FILE* const file = std::fopen(maps, "r");
  if (file == nullptr) return ranges;
  char line[4096], rights[5];
  unsigned long from = 0, to = 0;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    const bool read = std::sscanf(line, "%lx-%lx %4s", &from, &to, rights) == 3;
    if (read && std::strncmp(rights, "rw", 2) == 0 && to - from <= 16UL << 20) ranges.push_back({from, to});
  }
  std::fclose(file);
  return ranges;
}

/// Looks in each range for the array, and copies it into the output. `read(from, into, bytes)` returns how many bytes
/// it could read.
template <class Read>
bool copy_found(const std::vector<Range>& ranges, const Probe& probe, const DLTensor* output, Read&& read) {
  std::vector<float> copy;
  for (const Range& range : ranges) {
    copy.resize((range.to - range.from) / sizeof(float));
    const std::size_t got = read(range.from, copy.data(), copy.size() * sizeof(float)) / sizeof(float);
    const float* const found = probe.find(copy.data(), copy.data() + got);
    if (found == nullptr) continue;
    std::copy_n(found, count(output), floats(output));
    return true;
  }
  return false;
}

}  // namespace cheat

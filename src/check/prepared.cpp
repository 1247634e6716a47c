#include <cstring>

#include "check/data.h"
#include "check/stopwatch.h"
#include "check/tensors.h"
#include "check/ways.h"

namespace refloop {

void Prepared::keep(std::vector<AnyTensor> inputs) {
  inputs_ = std::move(inputs);
  std::size_t bytes_in_all = 0;
  for (const AnyTensor& input : inputs_) bytes_in_all += whole_memory(input).size();
  untouched_.reserve(bytes_in_all);
  for (const AnyTensor& input : inputs_) {
    const auto bytes = whole_memory(input);
    untouched_.insert(untouched_.end(), bytes.begin(), bytes.end());
  }
}

Tensors Prepared::inputs() {
  if (inputs_.empty()) keep(inputs_of(case_));
  return inputs_;
}

Tensors Prepared::expected(const Way& order) {
  for (const auto& [known, outputs] : expected_) {
    if (known == &order) return outputs;
  }
  const Tensors in = inputs();
  const Stopwatch watch;
  expected_.emplace_back(&order, outputs_of(order, case_, in));
  loop_seconds_ += watch.seconds();
  return expected_.back().second;
}

std::string_view Prepared::restore_inputs() {
  std::string_view written;
  const std::byte* before = untouched_.data();
  for (const AnyTensor& input : inputs_) {
    const auto now = whole_memory(input);
    if (!now.empty() && std::memcmp(now.data(), before, now.size()) != 0) {
      std::memcpy(now.data(), before, now.size());
      if (written.empty()) written = input.name;
    }
    before += now.size();
  }
  return written;
}

}  // namespace refloop

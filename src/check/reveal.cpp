#include "check/reveal.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "check/data.h"
#include "check/differences.h"
#include "check/dispatch.h"
#include "check/judging.h"
#include "check/tensors.h"
#include "check/terms.h"

namespace refloop {
namespace {

constexpr Index most_calls = 6'000;

double element_of(const AnyTensor& tensor, Index number) {
  const Index offset = offset_of(tensor, position_in(tensor.shape, number));
  return dispatch(Types<double, float>{}, tensor.dtype,
                  [&]<class T>() { return static_cast<double>(static_cast<const T*>(tensor.data)[offset]); });
}

/// Reveals the tree of one output.
class Revealing {
 public:
  Revealing(const Case& c, const Subject& subject, const Sources& sources, Index output, Index divisor)
      : case_(c), subject_(subject), sources_(sources), output_(output), divisor_(divisor) {
    inputs_ = c.family->inputs(c);
    for (AnyTensor& input : inputs_) {
      fill(input, [](Index) { return 1; });
      offsets_.emplace_back();
      for_each_offset(input, [&](Index offset) { offsets_.back().push_back(offset); });
    }
    bias_ = find(inputs_, "bias");
    const auto terms = static_cast<Index>(sources.input.size());
    for (Index leaf = 0; leaf < terms; ++leaf) {
      if (sources.input[static_cast<std::size_t>(leaf)] >= 0) leaves_.push_back(leaf);
    }
    if (bias_ != nullptr) leaves_.push_back(terms);
  }

  Revelation run() {
    if (leaves_.empty()) return {};
    build(leaves_, false);
    return {.tree = failed_ ? std::nullopt : std::optional(std::move(tree_)), .calls = calls_};
  }

 private:
  void set(Index leaf, double value) {
    const bool is_bias = leaf == static_cast<Index>(sources_.input.size());
    AnyTensor& tensor = is_bias ? *bias_ : inputs_[0];
    const auto which = static_cast<std::size_t>(is_bias ? bias_ - inputs_.data() : 0);
    const auto number =
        static_cast<std::size_t>(is_bias ? sources_.bias : sources_.input[static_cast<std::size_t>(leaf)]);
    dispatch(Types<double, float>{}, tensor.dtype,
             [&]<class T>() { static_cast<T*>(tensor.data)[offsets_[which][number]] = static_cast<T>(value); });
  }

  /// Terms below the addition at which the two meet; 0 where the subject gives no such count.
  std::size_t size_of_meeting(Index one, Index other) {
    const double swallowing = case_.dtype == DType::f64 ? 0x1p500 : 0x1p100;
    if (failed_ || calls_ >= most_calls) return 0;
    ++calls_;
    set(one, swallowing);
    set(other, -swallowing);
    const Outcome outcome = run_caught(subject_.quickest(), case_, inputs_);
    set(one, 1);
    set(other, 1);
    failed_ = outcome.instead != Verdict::exact || !are_readable(case_.family->outputs(case_), outcome.outputs);
    if (failed_) return 0;
    const double left = std::round(element_of(outcome.outputs[0], output_) * static_cast<double>(divisor_));
    const auto all = static_cast<double>(leaves_.size());
    return left >= 0 && left <= all - 2 ? static_cast<std::size_t>(all - left) : 0;
  }

  std::size_t add(SumTree::Node node) {
    tree_.nodes.push_back(node);
    return tree_.nodes.size() - 1;
  }

  /// The subtree of these terms: where the first (or the last) of them meets the others, group by group.
  std::size_t build(const std::vector<Index>& leaves, bool from_last) {
    const Index pivot = from_last ? leaves.back() : leaves.front();
    std::size_t root = add({.leaf = pivot});
    if (leaves.size() == 1 || failed_) return root;
    std::vector<std::pair<std::size_t, Index>> meetings;
    for (const Index leaf : leaves) {
      if (leaf != pivot) meetings.emplace_back(size_of_meeting(pivot, leaf), leaf);
    }
    std::stable_sort(meetings.begin(), meetings.end(),
                     [](const auto& one, const auto& other) { return one.first < other.first; });
    std::size_t size = 1;
    for (std::size_t at = 0; at < meetings.size() && !failed_;) {
      std::vector<Index> group;
      const std::size_t met = meetings[at].first;
      for (; at < meetings.size() && meetings[at].first == met; ++at) group.push_back(meetings[at].second);
      size += group.size();
      failed_ = failed_ || met != size;
      // A chain that runs the other way meets its first term last: look from there.
      const bool all_at_once = group.size() + 1 == leaves.size();
      const std::size_t other = build(group, from_last != all_at_once);
      root = add({.left = root, .right = other});
    }
    return root;
  }

  const Case& case_;
  const Subject& subject_;
  const Sources& sources_;
  Index output_, divisor_;
  std::vector<AnyTensor> inputs_;
  std::vector<std::vector<Index>> offsets_;  // of each input's elements
  AnyTensor* bias_ = nullptr;
  std::vector<Index> leaves_;
  SumTree tree_;
  Index calls_ = 0;
  bool failed_ = false;
};

}  // namespace

std::vector<Sources> sources_of(const Case& c) {
  Case numbered = c;
  numbered.dtype = DType::f64;
  std::vector<AnyTensor> inputs;
  for (const AnyTensor& input : c.family->inputs(c)) {
    inputs.push_back(make_tensor(input.name, DType::f64, input.shape));
    fill(inputs.back(), [](Index position) { return position + 1; });
  }
  std::vector<Sources> all;
  c.family->nests[0].each(numbered, inputs, [&](const Terms& terms) {
    Sources of_output{.bias = static_cast<Index>(terms.start) - 1};
    for (const double value : terms.values) of_output.input.push_back(static_cast<Index>(value) - 1);
    all.push_back(std::move(of_output));
  });
  return all;
}

Revelation reveal(const Case& c, const Subject& subject, const Sources& sources, Index output, Index divisor) {
  return Revealing(c, subject, sources, output, divisor).run();
}

}  // namespace refloop

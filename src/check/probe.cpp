#include "check/probe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "check/data.h"
#include "check/differences.h"
#include "check/dispatch.h"
#include "check/judging.h"
#include "check/orders.h"
#include "check/tensors.h"

namespace refloop {
namespace {

constexpr std::uint64_t draws = 3;
constexpr Index most_work = 2'000'000;  // terms of all outputs, which are kept for each draw
constexpr Index most_calls = 6'000;     // for one tree

/// Which elements an output is made of: of the input for each term, and of the bias.
struct Sources {
  std::vector<Index> input = {};  // -1: padding
  Index bias = -1;
  std::vector<bool> present() const {
    std::vector<bool> read;
    for (const Index at : input) read.push_back(at >= 0);
    return read;
  }
};

/// Read off the loops by giving them each element's number in place of its value.
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

double element(const AnyTensor& tensor, Index number) {
  std::vector<Index> at(tensor.shape.size());
  Index offset = 0;
  for (std::size_t axis = at.size(); axis-- > 0;) {
    offset += number % tensor.shape[axis] * tensor.strides[axis];
    number /= tensor.shape[axis];
  }
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

  /// Nothing where what the subject gives is no sum by a tree.
  std::optional<SumTree> run() {
    if (leaves_.empty()) return std::nullopt;
    build(leaves_, false);
    return failed_ ? std::nullopt : std::optional(std::move(tree_));
  }
  Index calls() const { return calls_; }

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
    const Outcome outcome = run_probe(subject_, case_, inputs_);
    set(one, 1);
    set(other, 1);
    failed_ = outcome.instead != Verdict::exact || !are_readable(case_.family->outputs(case_), outcome.outputs);
    if (failed_) return 0;
    const double left = std::round(element(outcome.outputs[0], output_) * static_cast<double>(divisor_));
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

/// What the subject made of a draw of random floats.
struct Drawn {
  std::vector<std::vector<Terms>> nests;  // of each nest, the terms of each output
  std::vector<double> got;

  const Terms& terms(std::size_t output) const { return nests[0][output]; }
};

/// The tree of outputs of so many terms; empty where none could be revealed.
struct Revealed {
  SumTree tree;
  Index terms = 0;
};

class Finding {
 public:
  Finding(const Case& c, const Subject& subject, Ask ask, const AnyTensor* given)
      : case_(c), subject_(subject), ask_(ask), given_(given) {}

  FoundOrders run() {
    if (!can_look()) return std::move(found_);
    sources_ = sources_of(case_);
    found_.outputs = static_cast<Index>(sources_.size());
    for (std::uint64_t draw = 0; draw < draws; ++draw) {
      if (!look(draw)) return std::move(found_);
    }
    for (const bool inner : {true, false}) {  // the first tree is that of an output that sees no padding
      for (std::size_t output = 0; output < sources_.size(); ++output) {
        const auto present = sources_[output].present();
        const bool is_inner = std::find(present.begin(), present.end(), false) == present.end();
        if (is_inner == inner) explain(output, present);
      }
    }
    choose_fewest();
    return std::move(found_);
  }

 private:
  /// Of the orders that were met those that explain the most, at most `most_trees`: an output of few terms has the bits
  /// of many orders, and enough of them would explain anything.
  void choose_fewest() {
    std::vector<FoundOrder> met = std::exchange(found_.orders, {});
    std::vector<std::vector<bool>> explains;
    for (const FoundOrder& order : met) {
      explains.emplace_back();
      for (std::size_t output = 0; output < sources_.size(); ++output) {
        explains.back().push_back(fits(order, output, sources_[output].present()));
      }
    }
    std::vector<bool> is_open(sources_.size(), true);
    for (std::size_t output : padding_only_) is_open[output] = false;
    while (found_.orders.size() < most_trees) {
      std::size_t best = 0;
      Index most = 0;
      for (std::size_t which = 0; which < met.size(); ++which) {
        Index count = 0;
        for (std::size_t output = 0; output < is_open.size(); ++output)
          count += is_open[output] && explains[which][output];
        if (count > most) {
          most = count;
          best = which;
        }
      }
      if (most == 0) break;
      FoundOrder order = met[best];
      order.outputs = most;
      order.first.clear();
      for (std::size_t output = 0; output < is_open.size(); ++output) {
        if (!is_open[output] || !explains[best][output]) continue;
        if (order.first.empty()) order.first = position_of(output);
        is_open[output] = false;
      }
      found_.orders.push_back(std::move(order));
    }
    found_.padding_only = static_cast<Index>(padding_only_.size());
    found_.explained = std::count(is_open.begin(), is_open.end(), false);
  }

  bool can_look() {
    Index terms = 1;
    for (const TermAxis& axis : case_.family->term_axes(case_)) terms *= axis.size;
    if (terms > most_probed_terms) {
      found_.nothing = fmt::format("{} terms an output; at most {} are probed", terms, most_probed_terms);
    } else if (case_.family->work(case_) > most_work) {
      found_.nothing = fmt::format("{} terms in all; at most {} are probed", case_.family->work(case_), most_work);
    }
    return found_.nothing.empty();
  }

  bool look(std::uint64_t draw) {
    Case c = case_;
    c.data = Data::real;
    c.seed = case_.seed + draw;
    const std::vector<AnyTensor> inputs = inputs_of(c);
    const Outcome outcome =
        draw == 0 && given_ != nullptr ? Outcome{.outputs = {*given_}} : run_probe(subject_, c, inputs);
    if (outcome.instead != Verdict::exact || !are_readable(c.family->outputs(c), outcome.outputs)) {
      found_.nothing = outcome.reason.empty() ? "outputs of another size" : outcome.reason;
      return false;
    }
    drawn_.emplace_back();
    drawn_.back().got = elements_of(outcome.outputs[0]);
    for (const Nest& nest : c.family->nests) {
      auto& all = drawn_.back().nests.emplace_back();
      nest.each(c, inputs, [&](const Terms& terms) { all.push_back(terms); });
    }
    return true;
  }

  double value(const FoundOrder& order, const Terms& terms, const std::vector<bool>& present) const {
    static const std::vector<bool> all(most_probed_terms, true);
    const double sum = sum_by_tree(order.tree, order.rounding, terms, order.adds_padding ? all : present, case_.dtype);
    return dispatch(Types<double, float>{}, case_.dtype, [&]<class T>() {
      if (terms.divisor == 1) return static_cast<double>(static_cast<T>(sum));
      const T total = static_cast<T>(sum), divisor = static_cast<T>(terms.divisor);
      return static_cast<double>(order.by_reciprocal ? total * (T{1} / divisor) : total / divisor);
    });
  }

  bool fits(const FoundOrder& order, std::size_t output, const std::vector<bool>& present) const {
    if (!order.name.empty()) {
      const auto known =
          std::find_if(known_.begin(), known_.end(), [&](const KnownOrder& one) { return one.name == order.name; });
      return fits(*known, output);
    }
    if (order.terms != static_cast<Index>(present.size())) return false;
    return std::all_of(drawn_.begin(), drawn_.end(), [&](const Drawn& drawn) {
      return value(order, drawn.terms(output), present) == drawn.got[output];
    });
  }

  bool fits(const KnownOrder& known, std::size_t output) const {
    return std::all_of(drawn_.begin(), drawn_.end(), [&](const Drawn& drawn) {
      return known.value(drawn.nests[known.nest][output]) == drawn.got[output];
    });
  }

  std::vector<Index> position_of(std::size_t output) const {
    const std::vector<Index> shape = case_.family->outputs(case_)[0].shape;
    std::vector<Index> at(shape.size());
    auto rest = static_cast<Index>(output);
    for (std::size_t axis = at.size(); axis-- > 0;) {
      at[axis] = rest % shape[axis];
      rest /= shape[axis];
    }
    return at;
  }

  void explain(std::size_t output, const std::vector<bool>& present) {
    if (std::find(present.begin(), present.end(), true) == present.end()) {  // nothing but padding
      const bool is_bias = std::all_of(drawn_.begin(), drawn_.end(), [&](const Drawn& drawn) {
        return drawn.got[output] == drawn.terms(output).start;
      });
      if (is_bias) padding_only_.push_back(output);
      return;
    }
    for (const FoundOrder& order : found_.orders) {
      if (fits(order, output, present)) return;
    }
    if (ask_ == Ask::where_none_is_known && is_known(output)) return;
    if (!is_revealed(output, present) && ask_ == Ask::always) is_known(output);
  }

  bool is_known(std::size_t output) {
    const auto known =
        std::find_if(known_.begin(), known_.end(), [&](const KnownOrder& one) { return fits(one, output); });
    if (known != known_.end()) found_.orders.push_back({.name = known->name});
    return known != known_.end();
  }

  bool is_revealed(std::size_t output, const std::vector<bool>& present) {
    const auto by_tree = std::count_if(found_.orders.begin(), found_.orders.end(),
                                       [](const FoundOrder& order) { return order.name.empty(); });
    if (by_tree >= static_cast<std::ptrdiff_t>(most_trees)) return false;  // more would explain anything, by chance
    for (const Revealed& tree : trees_) {
      if (fits_somehow(tree, output, present)) return true;
    }
    const bool is_no_tree = trees_.size() == 1 && trees_[0].tree.nodes.empty();  // and so elsewhere, most likely
    if (trees_.size() >= most_trees || is_no_tree) return false;
    Revealing revealing(case_, subject_, sources_[output], static_cast<Index>(output), drawn_[0].terms(output).divisor);
    const auto tree = revealing.run();
    found_.calls += revealing.calls();
    trees_.push_back({tree.value_or(SumTree{}), static_cast<Index>(present.size())});
    return fits_somehow(trees_.back(), output, present);
  }

  /// Whether the tree gives the output's bits with some rounding, which is then kept.
  bool fits_somehow(const Revealed& tree, std::size_t output, const std::vector<bool>& present) {
    if (tree.tree.nodes.empty() || tree.terms != static_cast<Index>(present.size())) return false;
    const bool is_average = drawn_[0].terms(output).divisor != 1;
    const bool sees_padding = std::find(present.begin(), present.end(), false) != present.end();
    for (std::size_t rounding = 0; rounding < std::size(tree_roundings); ++rounding) {
      for (const bool adds_padding : {false, true}) {
        for (const bool by_reciprocal : {false, true}) {
          if ((adds_padding && !sees_padding) || (by_reciprocal && !is_average)) continue;
          FoundOrder order{.tree = tree.tree,
                           .rounding = static_cast<TreeRounding>(rounding),
                           .terms = tree.terms,
                           .adds_padding = adds_padding,
                           .by_reciprocal = by_reciprocal};
          if (!fits(order, output, present)) continue;
          found_.orders.push_back(std::move(order));
          return true;
        }
      }
    }
    return false;
  }

  const Case& case_;
  const Subject& subject_;
  Ask ask_;
  const AnyTensor* given_;
  std::vector<Sources> sources_;
  std::vector<Drawn> drawn_;
  std::vector<KnownOrder> known_ = known_orders(case_);
  std::vector<std::size_t> padding_only_;  // outputs that are right and read nothing but padding
  std::vector<Revealed> trees_;
  FoundOrders found_;
};

}  // namespace

FoundOrders find_orders(const Case& c, const Subject& subject, Ask ask, const AnyTensor* given) {
  return Finding(c, subject, ask, given).run();
}

std::vector<TermAxis> axes_of(const FoundOrder& order, const Case& c) {
  const std::vector<TermAxis> axes = c.family->term_axes(c);
  Index terms = 1;
  for (const TermAxis& axis : axes) terms *= axis.size;
  return terms == order.terms ? axes : std::vector<TermAxis>{{"term", order.terms}};
}

std::string in_words(const FoundOrder& order, const Case& c) {
  if (!order.name.empty()) return order.name;
  return fmt::format("{}, {}{}{}", in_words(order.tree, axes_of(order, c)), name_in(tree_roundings, order.rounding),
                     order.adds_padding ? ", padding added" : "", order.by_reciprocal ? ", times the reciprocal" : "");
}

std::string in_words(const FoundOrders& found, const Case& c) {
  std::vector<std::string> parts;
  for (const FoundOrder& order : found.orders) {
    const std::string words = in_words(order, c);
    parts.push_back(
        found.orders.size() == 1 ? words : fmt::format("{} ({} of {} outputs)", words, order.outputs, found.outputs));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace refloop

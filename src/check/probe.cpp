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
#include "check/reveal.h"
#include "check/tensors.h"

namespace refloop {
namespace {

constexpr std::uint64_t draws = 3;
constexpr Index most_work = 2'000'000;  // terms of all outputs, which are kept for each draw

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
    if (subject_.answers_once) {
      found_.nothing = fmt::format("{} can't be asked for other data", subject_.name);
    } else if (terms > most_probed_terms) {
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
        draw == 0 && given_ != nullptr ? Outcome{.outputs = {*given_}} : run_caught(subject_.quickest(), c, inputs);
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
    return position_in(case_.family->outputs(case_)[0].shape, static_cast<Index>(output));
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
    const auto number = static_cast<Index>(output);
    const Revelation seen = reveal(case_, subject_, sources_[output], number, drawn_[0].terms(output).divisor);
    found_.calls += seen.calls;
    trees_.push_back({seen.tree.value_or(SumTree{}), static_cast<Index>(present.size())});
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

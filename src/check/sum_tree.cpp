#include "check/sum_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "check/dispatch.h"

namespace refloop {
namespace {

/// A node's value: a product that is not yet rounded, or a sum.
template <class T>
struct Partial {
  bool is_present = false, is_product = false;
  Index leaf = 0;   // of a product
  Index lane = -1;  // of all terms in it; -1: of several
  T weight = 1, value = 0;

  T rounded() const { return is_product ? weight * value : value; }
};

template <class T>
T fused(const Partial<T>& product, T sum) {
  return std::fma(product.weight, product.value, sum);
}

/// In how many lanes products are fused; 0: lanes mean nothing.
Index lanes_of(TreeRounding rounding) {
  const int step = static_cast<int>(rounding) - static_cast<int>(TreeRounding::fused_in_2_lanes);
  return step < 0 ? 0 : Index{2} << step;
}

template <class T>
T sum_of(const Partial<T>& one, const Partial<T>& other, TreeRounding rounding) {
  const bool separate = rounding == TreeRounding::separate || rounding == TreeRounding::in_double;
  const bool joins_lanes = rounding >= TreeRounding::fused_in_2_lanes && (one.lane < 0 || one.lane != other.lane);
  if (separate || joins_lanes || (!one.is_product && !other.is_product)) return one.rounded() + other.rounded();
  if (one.is_product != other.is_product) {
    return one.is_product ? fused(one, other.value) : fused(other, one.value);
  }
  if (rounding == TreeRounding::fused_but_pairs) return one.rounded() + other.rounded();
  const bool in_order = one.leaf < other.leaf;
  const auto& first = in_order ? one : other;
  const auto& second = in_order ? other : one;
  return rounding == TreeRounding::fused_other_first ? fused(first, second.rounded()) : fused(second, first.rounded());
}

template <class T>
T sum_in(const SumTree& tree, TreeRounding rounding, const Terms& terms, const std::vector<bool>& present) {
  const auto start = static_cast<Index>(terms.values.size());
  const Index lanes = lanes_of(rounding);
  std::vector<Partial<T>> partial(tree.nodes.size());
  for (std::size_t at = 0; at < tree.nodes.size(); ++at) {
    const SumTree::Node& node = tree.nodes[at];
    Partial<T>& here = partial[at];
    if (node.leaf == start) {
      here = {.is_present = true, .leaf = start, .value = static_cast<T>(terms.start)};
    } else if (node.is_leaf()) {
      const auto term = static_cast<std::size_t>(node.leaf);
      here = {.is_present = present[term],
              .is_product = true,
              .leaf = node.leaf,
              .lane = lanes > 0 ? node.leaf % lanes : -1,
              .weight = static_cast<T>(terms.weights[term]),
              .value = static_cast<T>(terms.values[term])};
    } else {
      const Partial<T>&left = partial[node.left], &right = partial[node.right];
      if (!left.is_present || !right.is_present) {
        here = left.is_present ? left : right;
      } else {
        here = {.is_present = true,
                .lane = left.lane == right.lane ? left.lane : -1,
                .value = sum_of(left, right, rounding)};
      }
    }
  }
  return partial.back().rounded();
}

// ---- in words ----

/// Terms added one behind the other, each to the sum of those before it.
struct Chain {
  std::vector<Index> leaves;
};

/// The tree's chains, and how their sums are joined.
class Chains {
 public:
  Chains(const SumTree& tree, Index start) : tree_(tree), start_(start), join_(visit(tree.nodes.size() - 1)) {}

  const std::vector<Chain>& all() const { return chains_; }
  /// Terms added to sums that were joined before.
  const std::vector<Chain>& tails() const { return tails_; }
  std::string_view join() const {
    if (join_.chains <= 2) return "";
    if (join_.by_halves) return ", joined by halves";
    return join_.one_by_one ? ", joined one by one" : ", joined in parts";
  }

 private:
  struct Join {
    int chains = 1;
    bool by_halves = true, one_by_one = true;
  };
  const SumTree::Node& node(std::size_t at) const { return tree_.nodes[at]; }

  /// Goes down the chain that ends in the node; sums that it meets beside terms have chains of their own.
  Join visit(std::size_t at) {
    Chain chain;
    while (!node(at).is_leaf()) {
      const bool left = node(node(at).left).is_leaf(), right = node(node(at).right).is_leaf();
      if (!left && !right) break;
      const std::size_t term = right ? node(at).right : node(at).left;
      chain.leaves.push_back(node(term).leaf);
      at = right ? node(at).left : node(at).right;
    }
    const bool joins = !node(at).is_leaf();
    if (!joins) chain.leaves.push_back(node(at).leaf);
    std::reverse(chain.leaves.begin(), chain.leaves.end());
    if (!joins && chain.leaves.size() > 1 && comes_first(chain.leaves[1], chain.leaves[0])) {
      std::swap(chain.leaves[0], chain.leaves[1]);
    }
    Join join;
    if (joins) {
      const Join left = visit(node(at).left), right = visit(node(at).right);
      join.chains = left.chains + right.chains;
      join.by_halves = left.chains == right.chains && left.by_halves && right.by_halves;
      join.one_by_one = (right.chains == 1 && left.one_by_one) || (left.chains == 1 && right.one_by_one);
    }
    if (!chain.leaves.empty()) (joins ? tails_ : chains_).push_back(std::move(chain));
    return join;
  }

  /// Of two terms that meet nothing tells which came first: the start, or else that of the nest.
  bool comes_first(Index one, Index other) const { return one == start_ || (other != start_ && one < other); }

  const SumTree& tree_;
  Index start_;
  std::vector<Chain> chains_{}, tails_{};
  Join join_;
};

std::vector<Index> coordinates(Index leaf, const std::vector<TermAxis>& axes) {
  std::vector<Index> at(axes.size());
  for (std::size_t axis = axes.size(); axis-- > 0;) {
    at[axis] = leaf % axes[axis].size;
    leaf /= axes[axis].size;
  }
  return at;
}

/// The nest of axes in which the terms come, outermost first, an axis that runs backwards with a minus; nothing where
/// they come in no such nest.
std::optional<std::string> nest_of(const std::vector<Index>& leaves, const std::vector<TermAxis>& axes) {
  std::vector<std::vector<Index>> places;
  places.reserve(leaves.size());
  for (const Index leaf : leaves) places.push_back(coordinates(leaf, axes));
  std::vector<std::size_t> moving;
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    const bool moves =
        std::any_of(places.begin(), places.end(), [&](const auto& place) { return place[axis] != places[0][axis]; });
    if (moves) moving.push_back(axis);
  }
  if (moving.empty()) return "";
  std::vector<std::size_t> order = moving;
  do {
    for (std::size_t signs = 0; signs < std::size_t{1} << order.size(); ++signs) {
      const auto comes_before = [&](const std::vector<Index>& one, const std::vector<Index>& other) {
        for (std::size_t which = 0; which < order.size(); ++which) {
          const std::size_t axis = order[which];
          if (one[axis] == other[axis]) continue;
          return (one[axis] < other[axis]) != (((signs >> which) & 1) != 0);
        }
        return false;
      };
      if (!std::is_sorted(places.begin(), places.end(), comes_before)) continue;
      std::vector<std::string> names;
      for (std::size_t which = 0; which < order.size(); ++which) {
        names.push_back(fmt::format("{}{}", ((signs >> which) & 1) != 0 ? "-" : "", axes[order[which]].name));
      }
      return fmt::format("{}", fmt::join(names, ","));
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return std::nullopt;
}

/// `c0 kh1 kw2` of a term.
std::string term_name(Index leaf, const std::vector<TermAxis>& axes, Index start) {
  if (leaf == start) return "bias";
  const auto at = coordinates(leaf, axes);
  std::vector<std::string> parts;
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    if (axes[axis].size > 1) parts.push_back(fmt::format("{}{}", axes[axis].name, at[axis]));
  }
  return parts.empty() ? "the only term" : fmt::format("{}", fmt::join(parts, " "));
}

Index count_terms(const std::vector<TermAxis>& axes) {
  return std::accumulate(axes.begin(), axes.end(), Index{1},
                         [](Index terms, const TermAxis& axis) { return terms * axis.size; });
}

/// What the chains have in common: each its own block of an axis, or every so many'th term.
std::string division(const std::vector<Chain>& chains, const std::vector<TermAxis>& axes) {
  const auto count = static_cast<Index>(chains.size());
  bool interleaved = true, blocks = true;
  Index end = -1;
  for (const Chain& chain : chains) {
    for (const Index leaf : chain.leaves) interleaved = interleaved && leaf % count == chain.leaves[0] % count;
  }
  std::vector<std::pair<Index, Index>> ranges;
  for (const Chain& chain : chains) {
    const auto [least, most] = std::minmax_element(chain.leaves.begin(), chain.leaves.end());
    ranges.emplace_back(*least, *most);
  }
  std::sort(ranges.begin(), ranges.end());
  for (const auto& [least, most] : ranges) {
    blocks = blocks && least > end;
    end = most;
  }
  if (interleaved) return fmt::format("term t in chain t mod {}", count);
  if (blocks) return "block by block";
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    const auto of_axis = [&](Index leaf) { return coordinates(leaf, axes)[axis]; };
    bool own = true;
    for (const Chain& chain : chains) {
      for (const Index leaf : chain.leaves) own = own && of_axis(leaf) == of_axis(chain.leaves[0]);
    }
    if (own) return fmt::format("one for each {}", axes[axis].name);
    bool by_turns = true;
    for (const Chain& chain : chains) {
      for (const Index leaf : chain.leaves)
        by_turns = by_turns && of_axis(leaf) % count == of_axis(chain.leaves[0]) % count;
    }
    if (by_turns) return fmt::format("{} by turns", axes[axis].name);
  }
  return {};
}

std::string ordinal_place(const std::vector<Index>& leaves, Index start) {
  if (leaves.front() == start) return ", from the bias on";
  if (leaves.back() == start) return ", the bias last";
  return ", the bias within";
}

}  // namespace

double sum_by_tree(const SumTree& tree, TreeRounding rounding, const Terms& terms, const std::vector<bool>& present,
                   DType dtype) {
  if (dtype == DType::f64 || rounding == TreeRounding::in_double) return sum_in<double>(tree, rounding, terms, present);
  return static_cast<double>(sum_in<float>(tree, rounding, terms, present));
}

std::string in_words(const SumTree& tree, const std::vector<TermAxis>& axes) {
  const Index start = count_terms(axes);
  const Chains parts(tree, start);
  std::string bias;
  std::vector<Chain> chains = parts.all(), tails = parts.tails();
  for (auto* list : {&chains, &tails}) {
    for (Chain& chain : *list) {
      const auto found = std::find(chain.leaves.begin(), chain.leaves.end(), start);
      if (found == chain.leaves.end()) continue;
      bias = list == &tails && chain.leaves.size() == 1 ? ", the bias last" : ordinal_place(chain.leaves, start);
      if (list == &chains && chains.size() > 1) bias = ", the bias in one of them";
      chain.leaves.erase(found);
    }
    std::erase_if(*list, [](const Chain& chain) { return chain.leaves.empty(); });
  }
  const auto words_of = [&](const Chain& chain) {
    auto nest = nest_of(chain.leaves, axes);
    if (!nest) {  // of the first two nothing tells which came first
      std::vector<Index> other = chain.leaves;
      std::swap(other[0], other[1]);
      nest = nest_of(other, axes);
    }
    return !nest ? "in no simple nest" : nest->empty() ? "a single term" : *nest;
  };
  if (chains.empty()) return "nothing but the bias";
  if (chains.size() == 1 && tails.empty()) return "one chain " + words_of(chains[0]) + bias;
  std::vector<std::string> kinds;
  kinds.reserve(chains.size());
  for (const Chain& chain : chains) kinds.push_back(words_of(chain));
  const bool alike = std::all_of(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind == kinds[0]; });
  std::string terms = alike ? kinds[0] : "";
  if (!alike) {
    const auto [least, most] = std::minmax_element(
        chains.begin(), chains.end(),
        [](const Chain& one, const Chain& other) { return one.leaves.size() < other.leaves.size(); });
    const std::size_t few = least->leaves.size(), many = most->leaves.size();
    terms = few == many ? fmt::format("of {} terms", few) : fmt::format("of {} to {} terms", few, many);
  }
  std::string text = fmt::format("{} chains {}", chains.size(), terms);
  if (const std::string how = division(chains, axes); !how.empty() && chains.size() > 1) text += ", " + how;
  text += parts.join();
  if (!tails.empty()) {
    std::size_t more = 0;
    for (const Chain& tail : tails) more += tail.leaves.size();
    text += fmt::format(", then {} {} more", more, more == 1 ? "term" : "terms");
  }
  return text + bias;
}

std::vector<std::string> drawn(const SumTree& tree, const std::vector<TermAxis>& axes) {
  const Index start = count_terms(axes);
  std::vector<std::string> lines;
  const auto draw = [&](auto&& self, std::size_t at, const std::string& indent) -> void {
    // A chain as one line: its terms from the first to the last added; what it begins with stands below.
    std::vector<Index> backwards;
    while (!tree.nodes[at].is_leaf()) {
      const SumTree::Node& node = tree.nodes[at];
      const bool left = tree.nodes[node.left].is_leaf(), right = tree.nodes[node.right].is_leaf();
      if (left == right) break;
      backwards.push_back(tree.nodes[left ? node.left : node.right].leaf);
      at = left ? node.right : node.left;
    }
    const SumTree::Node& node = tree.nodes[at];
    const bool joins = !node.is_leaf() && !tree.nodes[node.left].is_leaf();
    std::vector<Index> leaves;
    if (node.is_leaf()) leaves.push_back(node.leaf);
    if (!node.is_leaf() && !joins) {
      leaves = {tree.nodes[node.left].leaf, tree.nodes[node.right].leaf};
      if (leaves[1] == start || (leaves[0] != start && leaves[1] < leaves[0])) std::swap(leaves[0], leaves[1]);
    }
    leaves.insert(leaves.end(), backwards.rbegin(), backwards.rend());
    constexpr std::size_t most_named = 6;
    std::vector<std::string> names;
    for (std::size_t which = 0; which < leaves.size(); ++which) {
      const bool is_named = leaves.size() <= most_named || which < 3 || which + 2 >= leaves.size();
      if (is_named) names.push_back(term_name(leaves[which], axes, start));
      if (!is_named && which == 3) names.push_back(fmt::format("... {} more ...", leaves.size() - 5));
    }
    const std::string terms = fmt::format("{}", fmt::join(names, " + "));
    if (!joins) {
      lines.push_back(indent + terms);
      return;
    }
    lines.push_back(indent + (terms.empty() ? "sum of" : fmt::format("sum of, then + {}", terms)));
    self(self, node.left, indent + "  ");
    self(self, node.right, indent + "  ");
  };
  draw(draw, tree.nodes.size() - 1, "");
  constexpr std::size_t most_lines = 30;
  if (lines.size() > most_lines) {
    const std::size_t more = lines.size() - most_lines;
    lines.resize(most_lines);
    lines.push_back(fmt::format("... {} more lines", more));
  }
  return lines;
}

}  // namespace refloop

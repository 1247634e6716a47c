// An order of summation as a tree: leaves are the terms of an output, inner nodes are additions.
#pragma once

#include <string>
#include <vector>

#include "check/terms.h"
#include "refloop/check.h"

namespace refloop {

struct SumTree {
  /// A leaf has a term's number in the family's first nest, or that of the start, which comes after the last term; an
  /// inner node has two children, which stand before it.
  struct Node {
    Index leaf = -1;
    std::size_t left = 0, right = 0;

    bool is_leaf() const { return leaf >= 0; }
    friend bool operator==(const Node&, const Node&) = default;
  };
  std::vector<Node> nodes{};  // the last is the root

  friend bool operator==(const SumTree&, const SumTree&) = default;
};

/// What rounds where in a tree. A product that meets a sum may be added to it in one rounding, or be rounded first; of
/// two products that meet, the first, the second or both may be rounded on their own. In lanes, where term t belongs to
/// lane t mod `lanes`, a product is fused into its own lane's sum alone: lanes are joined by sums that are rounded.
enum class TreeRounding : std::uint8_t {
  separate,
  fused,
  fused_other_first,
  fused_but_pairs,
  in_double,
  fused_in_2_lanes,
  fused_in_4_lanes,
  fused_in_8_lanes,
  fused_in_16_lanes,
};
inline constexpr Term tree_roundings[] = {
    {"separate", "each product is rounded, then each sum"},
    {"fused", "a product is added in one rounding"},
    {"fused, first pairs the other way round", "as fused, but of two products that meet the second is rounded"},
    {"fused, first pairs separate", "as fused, but two products that meet are both rounded"},
    {"in double", "nothing is rounded before the end"},
    {"fused in 2 lanes", "fused with terms of the same lane"},
    {"fused in 4 lanes", "fused with terms of the same lane"},
    {"fused in 8 lanes", "fused with terms of the same lane"},
    {"fused in 16 lanes", "fused with terms of the same lane"}};
static_assert(std::size(tree_roundings) == static_cast<std::size_t>(TreeRounding::fused_in_16_lanes) + 1);

/// What the tree makes of the terms, in float where `dtype` says so. Terms that are not present are left out.
double sum_by_tree(const SumTree& tree, TreeRounding rounding, const Terms& terms, const std::vector<bool>& present,
                   DType dtype);

/// In words: `one chain c,kh,kw, the bias last`. `axes` number the terms.
std::string in_words(const SumTree& tree, const std::vector<TermAxis>& axes);

/// As lines of text, its chains as runs of terms.
std::vector<std::string> drawn(const SumTree& tree, const std::vector<TermAxis>& axes);

}  // namespace refloop

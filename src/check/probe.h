// The order of summation that a subject turns out to use, found by asking it.
//
// All products are made 1, one input M, another -M, with M so large that it swallows every count. What the output keeps
// counts the terms that were added after the two met, and so, pair by pair, the tree of additions is revealed; the bias
// is a leaf like any other. The tree is tried on random floats, with products rounded on their own or fused, and holds
// only where three draws agree in every bit. Source: Xie, Gao, Ma, Chen, FPRev: Revealing the Order of Floating-Point
// Accumulation, USENIX ATC 2025.
//
// It is revealed at an output that sees no padding; at others the terms that read padding are left out, or, where that
// does not give their bits, a tree of their own is revealed, at most `most_trees` a case. An order known by its name
// (check/orders.h) may be that of some of the outputs, too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "check/sum_tree.h"
#include "refloop/check.h"

namespace refloop {

inline constexpr std::size_t most_trees = 8;
inline constexpr Index most_probed_terms = 512;

struct FoundOrder {
  std::string name = {};  // of a known order; without one it is a tree
  SumTree tree = {};
  TreeRounding rounding{};
  Index terms = 0;                // of the outputs that it is for: average pools leave out what lies outside
  bool adds_padding = false;      // as products with zeros, which may round another product that they meet
  bool by_reciprocal = false;     // of averages
  Index outputs = 0;              // whose bits it gives
  std::vector<Index> first = {};  // position of the first of those
};
struct FoundOrders {
  std::vector<FoundOrder> orders = {};
  Index explained = 0, outputs = 0, calls = 0;
  Index padding_only = 0;    // of those explained: they read nothing but padding, and give the bias
  std::string nothing = {};  // why none could be looked for

  bool explains_all() const { return outputs > 0 && explained == outputs; }
};

/// Whether the subject is asked even where an order that is known by its name gives the bits.
enum class Ask : bool { where_none_is_known, always };

/// Asks the subject for the orders of its sums, on the case and two draws more. `given`: what it gave for the case
/// itself, where that is known.
FoundOrders find_orders(const Case& c, const Subject& subject, Ask ask = Ask::where_none_is_known,
                        const AnyTensor* given = nullptr);

/// In words: `one chain c,kh,kw, the bias last, fused`.
std::string in_words(const FoundOrder& order, const Case& c);
/// What numbers the terms of an order's outputs: where some are left out, nothing but their number.
std::vector<TermAxis> axes_of(const FoundOrder& order, const Case& c);
/// In words, one order after the other: `one chain c,kh,kw, fused; 5 outputs: two chains ...`.
std::string in_words(const FoundOrders& found, const Case& c);

}  // namespace refloop

// Orders found by asking: whatever tree sums, with whatever rounding, is revealed, and nothing else is.
#include "check/probe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "check/mix.h"
#include "check/subjects.h"
#include "check/terms.h"

namespace refloop {
namespace {

/// A kernel whose outputs are summed by trees: `tree_of(output)`.
Subject by_trees(const std::function<SumTree(Index output, std::size_t terms)>& tree_of, TreeRounding rounding) {
  return {.name = "trees",
          .run =
              [tree_of, rounding](const Case& c, Tensors inputs) {
                Outcome outcome{.outputs = c.family->outputs(c)};
                std::vector<double> values;
                c.family->nests[0].each(c, inputs, [&](const Terms& terms) {
                  const SumTree tree = tree_of(static_cast<Index>(values.size()), terms.values.size());
                  const std::vector<bool> all(terms.values.size(), true);
                  values.push_back(sum_by_tree(tree, rounding, terms, all, c.dtype));
                });
                dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
                  std::size_t at = 0;
                  for_each_element<T>(outcome.outputs[0],
                                      [&](T& element, Index) { element = static_cast<T>(values[at++]); });
                });
                return outcome;
              },
          .order = no_order};
}

/// Two of what is left are joined until one is; the bias is a leaf where there is one.
SumTree random_tree(std::size_t terms, bool with_bias, std::uint64_t seed) {
  const Draw draw(seed, "tree");
  SumTree tree;
  std::vector<std::size_t> left;
  for (std::size_t leaf = 0; leaf < terms + (with_bias ? 1 : 0); ++leaf) {
    left.push_back(leaf);
    tree.nodes.push_back({.leaf = static_cast<Index>(leaf)});
  }
  for (Index step = 0; left.size() > 1; ++step) {
    const auto take = [&](int which) {
      std::swap(left[draw(step, which) % left.size()], left.back());
      const std::size_t at = left.back();
      left.pop_back();
      return at;
    };
    const std::size_t one = take(0), other = take(1);
    tree.nodes.push_back({.left = one, .right = other});
    left.push_back(tree.nodes.size() - 1);
  }
  return tree;
}

SumTree chain(const std::vector<Index>& leaves) {
  SumTree tree{{{.leaf = leaves[0]}}};
  for (std::size_t at = 1; at < leaves.size(); ++at) {
    const std::size_t sum = tree.nodes.size() - 1;
    tree.nodes.push_back({.leaf = leaves[at]});
    tree.nodes.push_back({.left = sum, .right = sum + 1});
  }
  return tree;
}

std::vector<Index> numbers(Index count) {
  std::vector<Index> all;
  for (Index number = 0; number < count; ++number) all.push_back(number);
  return all;
}

class FoundTree : public testing::TestWithParam<TreeRounding> {};
INSTANTIATE_TEST_SUITE_P(EachRounding, FoundTree,
                         testing::Values(TreeRounding::separate, TreeRounding::fused, TreeRounding::fused_other_first,
                                         TreeRounding::fused_but_pairs, TreeRounding::in_double),
                         [](const auto& named) {
                           std::string name(tree_roundings[static_cast<std::size_t>(named.param)].name);
                           std::erase_if(name, [](char letter) { return letter == ' ' || letter == ','; });
                           return name;
                         });

TEST_P(FoundTree, ExplainsEveryBitWhateverTheTree) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const char* const like[] = {"conv1d_p0_q0", "conv2d_p0_q0", "conv3d_p0_q0"};
    Case c = sample(parse_pattern(like[seed % 3]), 5, seed).subject_case();
    c.dtype = GetParam() == TreeRounding::in_double || seed % 2 == 0 ? DType::f32 : DType::f64;
    c.data = Data::real;
    const auto tree_of = [&](Index, std::size_t terms) { return random_tree(terms, c.bias, seed); };
    const FoundOrders found = find_orders(c, by_trees(tree_of, GetParam()));
    if (!found.nothing.empty()) continue;
    EXPECT_EQ(found.explained, found.outputs) << to_text(c);
  }
}

TEST(FoundOrder, IsOneForEachClassOfPositions) {
  const Case c = parse("conv1d_n2_c5_i12_o3_k3_f32_real_seed1");
  const auto by_place = [](Index output, std::size_t terms) {
    return output % 10 == 9 ? random_tree(terms, false, 1) : chain(numbers(static_cast<Index>(terms)));
  };
  const FoundOrders found = find_orders(c, by_trees(by_place, TreeRounding::fused));
  ASSERT_EQ(found.orders.size(), 2u);
  EXPECT_EQ(found.orders[0].outputs, 54);
  EXPECT_EQ(found.orders[1].outputs, 6);
  EXPECT_EQ(found.orders[1].first, (std::vector<Index>{0, 0, 9}));
  EXPECT_EQ(found.explained, 60);
}

TEST(FoundOrder, IsNoneWhereThereAreMoreThanEight) {
  const Case c = parse("conv1d_n4_c5_i14_o9_k3_f32_real_seed1");
  const auto by_place = [](Index output, std::size_t terms) {
    return random_tree(terms, false, static_cast<std::uint64_t>(output % 12));
  };
  const FoundOrders found = find_orders(c, by_trees(by_place, TreeRounding::separate));
  EXPECT_EQ(found.orders.size(), most_trees);
  EXPECT_FALSE(found.explains_all());
  EXPECT_GT(found.explained, found.outputs / 2);
}

TEST(FoundOrder, OfNothingButAnInnerTreeServesThePositionsThatSeePadding) {
  const Case c = parse("conv2d_c3_i5_o2_k3_p1_bias_f32_real_seed4");
  const auto tree_of = [](Index, std::size_t terms) { return random_tree(terms, true, 9); };
  // Terms that read padding add zeros, which changes nothing.
  const FoundOrders found = find_orders(c, by_trees(tree_of, TreeRounding::separate));
  EXPECT_EQ(found.orders.size(), 1u);
  EXPECT_TRUE(found.explains_all());
}

TEST(FoundOrder, IsNeverThatOfAKernelThatDropsATermOrLosesBits) {
  const Case c = parse("conv2d_n2_c8_i9_o4_k3_p1_bias_f32_real_seed5");
  const auto dropping = [](Index, std::size_t terms) { return chain(numbers(static_cast<Index>(terms) - 1)); };
  EXPECT_EQ(find_orders(c, by_trees(dropping, TreeRounding::separate)).explained, 0);
  Subject rounded = right_kernel();
  rounded.run = [run = rounded.run](const Case& asked, Tensors inputs) {
    Outcome outcome = run(asked, inputs);
    for_each_element<float>(outcome.outputs[0], [](float& element, Index) { element *= 1.000001F; });
    return outcome;
  };
  EXPECT_EQ(find_orders(c, rounded).explained, 0);
}

/// Average pools leave out what lies outside: at the border the third term is another cell's.
TEST(FoundOrder, OfAnAverageIsForWindowsOfOneSize) {
  const Case c = parse("avg_pool2d_n2_c3_i9_k3_s2_p1_f32_real_seed2");
  Subject backwards = right_kernel();
  backwards.run = [](const Case& asked, Tensors inputs) {
    Outcome outcome{.outputs = asked.family->outputs(asked)};
    std::vector<float> averages;
    asked.family->nests[0].each(asked, inputs, [&](const Terms& terms) {
      float sum = 0;
      for (std::size_t at = terms.values.size(); at-- > 0;) sum += static_cast<float>(terms.values[at]);
      averages.push_back(sum / static_cast<float>(terms.divisor));
    });
    for_each_element<float>(outcome.outputs[0],
                            [&](float& element, Index at) { element = averages[static_cast<std::size_t>(at)]; });
    return outcome;
  };
  const FoundOrders found = find_orders(c, backwards, Ask::always);
  EXPECT_TRUE(found.explains_all()) << found.explained << " of " << found.outputs;
  std::set<Index> sizes;
  for (const FoundOrder& order : found.orders) sizes.insert(order.terms);
  EXPECT_EQ(sizes, (std::set<Index>{4, 6, 9}));
  EXPECT_TRUE(in_words(found, c).find("one chain -kh,-kw, separate") != std::string::npos) << in_words(found, c);
}

TEST(FoundOrder, SaysWhatIsNotProbed) {
  EXPECT_EQ(find_orders(parse("conv2d_c64_i4_k3_f32_real"), right_kernel()).nothing,
            "576 terms an output; at most 512 are probed");
}

/// Without a name of its own the verdict is EXACT by the order that was found.
TEST(FoundOrder, MakesTheVerdictExact) {
  const auto tree_of = [](Index, std::size_t terms) { return random_tree(terms, true, 3); };
  const Result result =
      judge(parse("conv2d_n2_c8_i9_o4_k3_p1_bias_f32_real_seed5"), by_trees(tree_of, TreeRounding::fused));
  EXPECT_EQ(result.verdict, Verdict::exact) << result.reason;
  EXPECT_TRUE(result.order.starts_with("found: ")) << result.order;
}

// ---- in words ----

const std::vector<TermAxis> axes{{"c", 4}, {"kh", 3}, {"kw", 3}};

std::vector<Index> by(const std::function<Index(Index step)>& leaf) {
  std::vector<Index> leaves;
  for (Index step = 0; step < 36; ++step) leaves.push_back(leaf(step));
  return leaves;
}

std::vector<Index> with_bias(std::vector<Index> leaves, bool first) {
  leaves.insert(first ? leaves.begin() : leaves.end(), 36);
  return leaves;
}

TEST(TreeInWords, NamesTheNestOfAChain) {
  EXPECT_EQ(in_words(chain(numbers(36)), axes), "one chain c,kh,kw");
  EXPECT_EQ(in_words(chain(with_bias(numbers(36), true)), axes), "one chain c,kh,kw, from the bias on");
  EXPECT_EQ(in_words(chain(with_bias(numbers(36), false)), axes), "one chain c,kh,kw, the bias last");
  const auto taps_outside = by([](Index step) { return step % 4 * 9 + step / 4; });
  EXPECT_EQ(in_words(chain(taps_outside), axes), "one chain kh,kw,c");
  const auto backwards = by([](Index step) { return 35 - step; });
  EXPECT_EQ(in_words(chain(backwards), axes), "one chain -c,-kh,-kw");
  const auto mixed = by([](Index step) { return step * 7 % 36; });
  EXPECT_EQ(in_words(chain(mixed), axes), "one chain in no simple nest");
}

/// Joins chains one by one, or by halves.
SumTree joined(std::vector<SumTree> parts, bool by_halves) {
  const auto join = [](const SumTree& one, const SumTree& other) {
    SumTree both = one;
    const std::size_t moved = both.nodes.size();
    for (SumTree::Node node : other.nodes) {
      if (!node.is_leaf()) node = {.left = node.left + moved, .right = node.right + moved};
      both.nodes.push_back(node);
    }
    both.nodes.push_back({.left = moved - 1, .right = both.nodes.size() - 1});
    return both;
  };
  while (parts.size() > 1) {
    std::vector<SumTree> next;
    if (by_halves) {
      for (std::size_t at = 0; at + 1 < parts.size(); at += 2) next.push_back(join(parts[at], parts[at + 1]));
    } else {
      next.push_back(join(parts[0], parts[1]));
      next.insert(next.end(), parts.begin() + 2, parts.end());
    }
    parts = next;
  }
  return parts[0];
}

TEST(TreeInWords, TellsHowChainsDivideTheTermsAndHowTheyAreJoined) {
  std::vector<SumTree> lanes, blocks;
  for (Index lane = 0; lane < 4; ++lane) {
    std::vector<Index> every_fourth, block;
    for (Index step = 0; step < 9; ++step) {
      every_fourth.push_back(step * 4 + lane);
      block.push_back(lane * 9 + step);
    }
    lanes.push_back(chain(every_fourth));
    blocks.push_back(chain(block));
  }
  EXPECT_EQ(in_words(joined(lanes, true), axes), "4 chains c,kh,kw, term t in chain t mod 4, joined by halves");
  EXPECT_EQ(in_words(joined(blocks, false), axes), "4 chains kh,kw, block by block, joined one by one");
}

TEST(TreeInWords, IsDrawnChainByChain) {
  const SumTree two = joined({chain({0, 1, 2, 3, 4, 5, 6, 7}), chain({8, 9})}, true);
  EXPECT_EQ(drawn(two, {{"c", 1}, {"kh", 5}, {"kw", 2}}),
            (std::vector<std::string>{"sum of", "  kh0 kw0 + kh0 kw1 + kh1 kw0 + ... 3 more ... + kh3 kw0 + kh3 kw1",
                                      "  kh4 kw0 + kh4 kw1"}));
}

}  // namespace
}  // namespace refloop

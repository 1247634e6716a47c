// Folding tells what the loops tell: the same verdict, the same elements, on right and on wrong outputs.
#include "families/fold.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "check/data.h"
#include "check/mix.h"
#include "check/subjects.h"
#include "families/case_tools.h"
#include "families/fold_sums.h"
#include "kernels/conv_loops.h"

namespace refloop {
namespace {

class Folding : public testing::TestWithParam<const Family*> {};
INSTANTIATE_TEST_SUITE_P(All, Folding, testing::Values(&family::conv, &family::avg_pool),
                         [](const auto& named) { return std::string(named.param->name); });

/// Random cases that can be folded.
Case foldable(const Family& family, std::uint64_t seed, std::uint64_t index) {
  Case c = sample(family, seed, index);
  const Draw draw(seed, to_text(c));
  c.dtype = draw.between(0, 1, 0) == 0 ? DType::f32 : DType::f64;
  c.data = draw.between(0, 1, 1) == 0 ? Data::integer : Data::wide;
  if (!family.all_orders_agree(c)) c.divisor = 4;
  return c;
}

/// A kernel that promises the contract's order and spoils what the loops give.
Subject spoiled(const Spoil& spoil, Fold fold) {
  Subject subject = loops_then("spoiled", spoil);
  subject.run = [spoil](const Case& c, Tensors inputs) {
    Outcome outcome{.outputs = outputs_of(*contract(c), c, inputs)};
    spoil(c, inputs, outcome);
    return outcome;
  };
  subject.order = contract;
  subject.declared.fold = fold;
  return subject;
}

/// What is told of a result, but for whether it is folded.
std::string told(const Result& result) {
  std::string text = std::string(to_text(result.verdict)) + ": " + result.reason + "\n" + std::to_string(result.bits) +
                     " " + std::to_string(result.compared) + " " + std::to_string(result.differing) + " " +
                     std::to_string(result.most_ulps.value_or(0));
  if (result.first) {
    text += " at " + testing::PrintToString(result.first->at) + " of " + result.first->output + ": " +
            result.first->expected + " " + result.first->expected_bits + ", got " + result.first->got + " " +
            result.first->got_bits;
  }
  return text + testing::PrintToString(result.forgiven);
}

TEST_P(Folding, PassesWhatIsRight) {
  int weak = 0;
  for (std::uint64_t index = 0; index < 2'000; ++index) {
    const Case c = foldable(*GetParam(), 61, index);
    const Result result = judge(c, spoiled([](const Case&, Tensors, Outcome&) {}, Fold::always));
    ASSERT_TRUE(result.is_folded) << to_text(c);
    weak += result.verdict == Verdict::weak;
    ASSERT_FALSE(fails(result.verdict)) << to_text(c) << ": " << result.reason;
  }
  EXPECT_LT(weak, 100);
}

TEST_P(Folding, ComputesNothingThatIsRight) {
  const auto& folded = GetParam() == &family::conv ? folded_conv : folded_avg_pool;
  for (std::uint64_t index = 0; index < 2'000; ++index) {
    const Case c = foldable(*GetParam(), 68, index);
    const std::vector<AnyTensor> inputs = c.family->inputs(c), outputs = outputs_of(*contract(c), c, inputs);
    ASSERT_EQ(folded(c, inputs, outputs[0], index).computed, 0) << to_text(c);
  }
}

/// One element of the output, by the case.
Index some_element(const Case& c, const AnyTensor& output) {
  return Draw(c.seed, to_text(c)).between(0, output.size() - 1, 2);
}

TEST_P(Folding, FindsTheOneElementThatIsOffByAUnit) {
  for (std::uint64_t index = 0; index < 2'000; ++index) {
    const Case c = foldable(*GetParam(), 62, index);
    std::vector<Index> at;
    std::string expected, got;
    const auto plant = [&](const Case&, Tensors, Outcome& outcome) {
      AnyTensor& output = outcome.outputs[0];
      Index rest = some_element(c, output), offset = 0;
      at.assign(output.shape.size(), 0);
      for (std::size_t axis = at.size(); axis-- > 0;) {
        at[axis] = rest % output.shape[axis];
        rest /= output.shape[axis];
        offset += at[axis] * output.strides[axis];
      }
      expected = decimal(output, at);
      dispatch(c.dtype, [&]<class T>() { static_cast<T*>(output.data)[offset] += T{1}; });
      got = decimal(output, at);
    };
    const Result result = judge(c, spoiled(plant, Fold::always));
    ASSERT_TRUE(result.is_folded) << to_text(c);
    ASSERT_EQ(result.verdict, Verdict::wrong) << to_text(c);
    ASSERT_EQ(result.differing, 1) << to_text(c);
    ASSERT_EQ(result.first->at, at) << to_text(c);
    ASSERT_EQ(result.first->expected, expected) << to_text(c);
    ASSERT_EQ(result.first->got, got) << to_text(c);
  }
}

/// What becomes of one element.
struct Fault {
  const char* name;
  double (*of)(double right);
};
const Fault faults[] = {
    {"NaN", [](double) { return std::numeric_limits<double>::quiet_NaN(); }},
    {"infinite", [](double) { return -std::numeric_limits<double>::infinity(); }},
    {"a half more", [](double right) { return right + 0.5; }},
    {"a bit more", [](double right) { return std::nextafter(right, 1e300); }},
    {"negated, and zeros too", [](double right) { return -right; }},
    {"minus zero", [](double) { return -0.0; }},
    {"the smallest number", [](double) { return 0x1p-149; }},
    {"2^43 more", [](double right) { return right + 0x1p43; }},
    {"2^52 more", [](double right) { return right + 0x1p52; }},
    {"2^64 more", [](double right) { return right + 0x1p64; }},
    {"beyond 64 bits", [](double) { return -0x1p100; }},
};

TEST_P(Folding, TellsOfEveryFaultWhatTheLoopsTell) {
  for (const Fault& fault : faults) {
    const auto spoil = [&](const Case& c, Tensors, Outcome& outcome) {
      dispatch(c.dtype, [&]<class T>() {
        const Index taken = some_element(c, outcome.outputs[0]);
        for_each_element<T>(outcome.outputs[0], [&](T& element, Index number) {
          if (number == taken) element = static_cast<T>(fault.of(static_cast<double>(element)));
        });
      });
    };
    int wrong = 0;
    for (std::uint64_t index = 0; index < 200; ++index) {
      const Case c = foldable(*GetParam(), 63, index);
      const Result folded = judge(c, spoiled(spoil, Fold::always)), looped = judge(c, spoiled(spoil, Fold::never));
      ASSERT_TRUE(folded.is_folded && !looped.is_folded) << to_text(c);
      ASSERT_EQ(told(folded), told(looped)) << to_text(c) << ": " << fault.name;
      wrong += folded.verdict == Verdict::wrong;
    }
    EXPECT_GT(wrong, 50) << fault.name;
  }
}

TEST_P(Folding, TellsOfSwappedChannelsAndImagesWhatTheLoopsTell) {
  for (const std::size_t axis : {0u, 1u}) {
    const auto swap = [&](const Case& c, Tensors, Outcome& outcome) {
      AnyTensor& output = outcome.outputs[0];
      const Index last = output.shape[axis] - 1;
      dispatch(c.dtype, c.dims, [&]<class T, std::size_t Rank>() {
        const auto view = output.view<T, Rank>();
        auto half = view.extents;
        half[axis] = (last + 1) / 2;
        for (auto at : positions(half)) {
          T& one = view(at);
          at[axis] = last - at[axis];
          std::swap(one, view(at));
        }
      });
    };
    int wrong = 0;
    for (std::uint64_t index = 0; index < 200; ++index) {
      const Case c = foldable(*GetParam(), 64, index);
      const Result folded = judge(c, spoiled(swap, Fold::always));
      ASSERT_EQ(told(folded), told(judge(c, spoiled(swap, Fold::never)))) << to_text(c);
      wrong += folded.verdict == Verdict::wrong;
    }
    EXPECT_GT(wrong, 100);
  }
}

TEST_P(Folding, TellsOfKnownMistakesWhatTheLoopsTell) {
  for (const Way& mistake : GetParam()->mistakes) {
    Subject folding = wrong_kernel(mistake), looping = folding;
    folding.declared.fold = Fold::always;
    looping.declared.fold = Fold::never;
    for (std::uint64_t index = 0; index < 100; ++index) {
      const Case c = foldable(*GetParam(), 65, index);
      ASSERT_EQ(told(judge(c, folding)), told(judge(c, looping))) << to_text(c) << ": " << mistake.name;
    }
  }
}

/// No order promised: the sign of a zero is forgiven, other faults are not.
TEST_P(Folding, ForgivesTheSignsOfZerosWhereNoOrderIsPromised) {
  const auto negate_zeros = [](const Case& c, Tensors, Outcome& outcome) {
    dispatch(c.dtype, [&]<class T>() {
      for_each_element<T>(outcome.outputs[0], [](T& element, Index) {
        if (element == 0) element = -T{0};
      });
    });
  };
  Subject subject = spoiled(negate_zeros, Fold::always);
  subject.order = no_order;
  Index forgiven = 0;
  for (std::uint64_t index = 0; index < 500; ++index) {
    const Case c = foldable(*GetParam(), 66, index);
    const Result result = judge(c, subject);
    ASSERT_TRUE(result.is_folded);
    ASSERT_FALSE(fails(result.verdict)) << to_text(c) << ": " << result.reason;
    for (const auto& [name, count] : result.forgiven) forgiven += count;
  }
  EXPECT_GT(forgiven, 0);
}

/// An error of 2^53 is missed by one draw in 2^11.
TEST(FoldedCases, OfDoublesTakeDrawsEnoughForTheWorstError) {
  const Case c = parse("conv1d_i1_k1_f64_integer");
  std::vector<AnyTensor> inputs = c.family->inputs(c), outputs = c.family->outputs(c);
  set_all(inputs[0], -0x1p52);
  set_all(inputs[1], 1);
  set_all(outputs[0], 0x1p52);
  for (std::uint64_t draw = 0; draw < 20'000; ++draw) {
    ASSERT_EQ(elements<double>(c.family->fold(c, inputs, outputs[0], draw))[0], -0x1p52) << draw;
  }
}

TEST(FoldedCases, OfFloatsTakeOneDraw) {
  const Case c = parse("conv1d_i1_k1_f32_integer");
  std::vector<AnyTensor> inputs = c.family->inputs(c), outputs = c.family->outputs(c);
  set_all(inputs[0], -0x1p22);
  set_all(inputs[1], 1);
  set_all(outputs[0], 0x1p22);
  for (std::uint64_t draw = 0; draw < 20'000; ++draw) {
    ASSERT_EQ(elements<float>(c.family->fold(c, inputs, outputs[0], draw))[0], -0x1p22F) << draw;
  }
}

/// Windows over a plane, any weights, in sums that wrap: against the textbook loops.
TEST(FoldedPlane, SumsWhatTheLoopsSum) {
  for (std::uint64_t index = 0; index < 2'000; ++index) {
    const Case c = sample(family::conv, 67, index);
    const Draw draw(c.seed, "plane");
    dispatch_rank(c.dims, [&]<std::size_t Rank>() {
      constexpr std::size_t dims = Rank - 2;
      const auto window = window_of<dims>(c);
      const Extents<dims> input = first_axes<dims>(c.input), output = window.output_extents(input);
      Tensor<double, Rank> x(with_spatial(1, 1, input));
      Tensor<Index, Rank> combined(x.extents()), w(with_spatial(1, 1, window.kernel)), due(with_spatial(1, 1, output));
      for (Index at = 0; at < w.size(); ++at) w.elements()[static_cast<std::size_t>(at)] = static_cast<Index>(draw(at));

      fold::Plane<dims> plane(window, input, output);
      ASSERT_TRUE(plane.fits());
      Extents<dims> strides{};
      std::copy_n(x.view().strides.begin() + 2, dims, strides.begin());
      for (int image = 0; image < 2; ++image) {
        for (Index at = 0; at < x.size(); ++at) {
          const auto place = static_cast<std::size_t>(at);
          const Index value = draw.between(-100, 100, at, image);
          x.elements()[place] = static_cast<double>(value);
          combined.elements()[place] += value * (image + 3);
        }
        plane.add(static_cast<fold::Whole>(image + 3), x.elements().data(), strides);
      }
      conv_loops<InOrder<Index>>(std::as_const(combined).view(), std::as_const(w).view(), {}, window, 1, due.view());
      auto sums = plane.no_sums();
      const std::vector<fold::Whole> weights(w.elements().begin(), w.elements().end());
      plane.add_windows_to(sums, weights.data());
      for (const auto& out : positions(output)) {
        ASSERT_EQ(sums[plane.place(out)], static_cast<fold::Whole>(due(0, 0, out))) << to_text(c);
      }
    });
  }
}

TEST(FoldedCases, AreLeftToTheLoopsWhereTheyAreMostlyPadding) {
  const Case c = parse("conv3d_n2_c2_i1_o3_k2_p500000_d1000000_f32_integer_seed1");
  const auto one_more = [](const Case&, Tensors, Outcome& outcome) {
    static_cast<float*>(outcome.outputs[0].data)[1] += 1;
  };
  const Result result = judge(c, spoiled(one_more, Fold::always));
  EXPECT_TRUE(result.is_folded);
  EXPECT_EQ(result.verdict, Verdict::wrong);
  EXPECT_EQ(result.differing, 1);
}

TEST(FoldedCases, AreLargeUnlessAskedFor) {
  const auto folds = [](const char* text, Fold fold) {
    return judge(parse(text), spoiled([](const Case&, Tensors, Outcome&) {}, fold)).is_folded;
  };
  const char* const large = "conv2d_n2_c32_i32_o32_k3_p1_f32_integer";
  EXPECT_TRUE(folds(large, Fold::large));
  EXPECT_FALSE(folds(large, Fold::never));
  EXPECT_FALSE(folds("conv2d_c4_i8_o4_k3_f32_integer", Fold::large));
  EXPECT_FALSE(folds("conv2d_c4_i8_o4_k3_f32_real", Fold::always));
  EXPECT_FALSE(folds("conv2d_c4_i8_o4_k3_int32_integer", Fold::always));
  EXPECT_FALSE(folds("avg_pool2d_c4_i9_k3_f32_integer", Fold::always)) << "quotients that round";
}

}  // namespace
}  // namespace refloop

// Bounds of convolutions by way of transforms: right kernels of every kind lie within, mistakes of one sign, one
// channel or one tap do not.
#include "families/conv_transforms.h"

#include <gtest/gtest.h>

#include <random>

#include "check/bound.h"
#include "check/transforms.h"

namespace refloop {
namespace {

using transforms::by_fft;
using transforms::by_winograd;
using transforms::How;
using transforms::HowFft;
using transforms::Sums;

struct Named {
  const Algorithm* algorithm;
  const Tiles* tiles;
  transforms::Matrices matrices;
};
const std::vector<Named>& all_tiles() {
  static const std::vector<Named> all{{&winograd_2x2, &tiles_2x2, transforms::f2},
                                      {&winograd_4x4, &tiles_4x4, transforms::f4},
                                      {&winograd_6x6, &tiles_6x6, transforms::f6},
                                      {&winograd_4x4_sqrt2, &tiles_4x4_sqrt2, transforms::f4_sqrt2}};
  return all;
}

/// A small convolution of 3 taps an axis, and its inputs.
struct Drawn {
  Case c;
  std::vector<AnyTensor> in;
};
Drawn drawn(std::mt19937_64& random) {
  const auto between = [&](Index least, Index most) {
    return least + static_cast<Index>(random() % static_cast<std::uint64_t>(most - least + 1));
  };
  Case c;
  c.family = &family::conv;
  c.dims = static_cast<int>(between(1, 2));
  c.groups = between(0, 3) == 0 ? 2 : 1;
  c.channels = c.groups * (between(0, 7) == 0 ? between(16, 64) : between(1, 8));
  c.out_channels = c.groups * between(1, 3);
  c.batch = between(1, 2);
  c.bias = between(0, 1) == 0;
  c.dtype = between(0, 1) == 0 ? DType::f32 : DType::f64;
  c.seed = random();
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    c.kernel[axis] = 3;
    c.before[axis] = between(0, 2);
    c.after[axis] = between(0, 2);
    c.input[axis] = between(3, 14);
  }
  constexpr Data kinds[] = {Data::real, Data::integer, Data::wide};
  const Index kind = between(0, 5);
  c.data = kinds[std::min<Index>(kind, 2)];
  if (kind > 2) c.data = Data::real;
  Drawn made{c, c.family->inputs(c)};
  for (AnyTensor& tensor : made.in) {
    dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
      for_each_element<T>(tensor, [&](T& element, Index) {
        if (kind == 3) element = std::ldexp(element, static_cast<int>(between(-20, 20)));
        if (kind == 4) element = T{1} + element / 1024;                              // differences cancel
        if (kind == 5) element *= c.dtype == DType::f32 ? T(0x1p-70) : T(0x1p-540);  // products underflow
      });
    });
  }
  return made;
}

/// What the radii of a transform are held to: by themselves, where direct sums might take more.
class Held {
 public:
  void see(std::string_view what, const Drawn& drawn, const std::vector<double>& radii, Tensors outputs) {
    Margins margins = margins_of_sums(drawn.c, {}, drawn.in);
    for (std::size_t at = 0; at < radii.size(); ++at) margins[0][at].radius = radii[at];
    const Share share = share_of(margins, outputs);
    EXPECT_EQ(share.outside, 0) << what << " " << to_text(drawn.c) << " " << share.used;
    EXPECT_EQ(share.unknown, 0) << what << " " << to_text(drawn.c);
    largest = std::max(largest, share.used);
    elements += outputs[0].size();
  }
  double largest = 0;
  Index elements = 0;
};

TEST(Winograd, OfEveryKindLiesWithinItsBound) {
  for (const auto& [algorithm, tiles, coefficients] : all_tiles()) {
    const transforms::Matrices& matrices = coefficients;  // clang 14 lets no lambda see a structured binding
    std::mt19937_64 random(3);
    Held held;
    for (int round = 0; round < 300; ++round) {
      const Drawn next = drawn(random);
      const How how{.matrices = matrices,
                    .shares = algorithm == &winograd_4x4 && random() % 2 == 0,
                    .sums = static_cast<Sums>(random() % 3),
                    .bias_in_transform = algorithm != &winograd_4x4_sqrt2 && random() % 3 == 0};  // at point 1
      held.see(tiles->algorithm, next, radii_of_tiles(*tiles, next.c, {}, next.in), by_winograd(next.c, next.in, how));
    }
    EXPECT_GT(held.largest, 0.05) << algorithm->name;
    EXPECT_LT(held.largest, 0.25) << algorithm->name << ": without one of its terms it would be more";
  }
}

TEST(Fft, LiesWithinItsBound) {
  std::mt19937_64 random(5);
  Held held;
  for (int round = 0; round < 200; ++round) {
    Drawn next = drawn(random);
    if (round % 4 == 0) {
      next.c.stride = {2, 3, 1};
      next.c.dilation[0] = 1 + static_cast<Index>(random() % 2);
      next.c.family->settle(next.c);
      next.in = next.c.family->inputs(next.c);
    }
    held.see("fft", next, radii_of_fft(next.c, {}, next.in),
             by_fft(next.c, next.in, {.channel_by_channel = random() % 2 == 0}));
  }
  EXPECT_GT(held.largest, 0.005);
  EXPECT_LT(held.largest, 0.1);
}

/// How many outputs of a kernel lie outside, on a case's own data and on those that tell.
struct Outside {
  Index own, telling;
};
class Judge {
 public:
  Judge(const Algorithm& algorithm, const Case& c)
      : own_(c.family->inputs(c)),
        telling_(algorithm.telling(c)),
        own_margins_(algorithm.margins(c, {}, own_)),
        telling_margins_(algorithm.margins(c, {}, telling_)) {}

  template <class Compute>
  Outside operator()(Compute&& compute) const {
    return {share_of(own_margins_, compute(own_)).outside, share_of(telling_margins_, compute(telling_)).outside};
  }

 private:
  std::vector<AnyTensor> own_, telling_;
  Margins own_margins_, telling_margins_;
};

TEST(Winograd, ShowsEachWrongSignOfItsMatrices) {
  const Case c = parse("conv2d_c256_i8_o2_k3_p1_f32_real_seed4");
  for (const auto& [algorithm, tiles, coefficients] : all_tiles()) {
    const transforms::Matrices& matrices = coefficients;  // clang 14 lets no lambda see a structured binding
    const Judge outside(*algorithm, c);
    Index flips = 0, seen_on_own_data = 0;
    How how{.matrices = matrices};
    for (transforms::Rows* rows : {&how.matrices.a, &how.matrices.g, &how.matrices.b}) {
      for (auto& row : *rows) {
        for (double& element : row) {
          if (element == 0) continue;
          element = -element;
          const Outside found = outside([&](Tensors in) { return by_winograd(c, in, how); });
          element = -element;
          EXPECT_GT(found.telling, 0) << algorithm->name;
          seen_on_own_data += found.own > 0;
          ++flips;
        }
      }
    }
    EXPECT_EQ(seen_on_own_data, flips) << algorithm->name;
  }
}

TEST(Winograd, ShowsADroppedChannelAndADroppedTap) {
  const Case c = parse("conv2d_c256_i12_o2_k3_p1_f32_real_seed4");
  for (const auto& [algorithm, tiles, coefficients] : all_tiles()) {
    const transforms::Matrices& matrices = coefficients;  // clang 14 lets no lambda see a structured binding
    const Judge outside(*algorithm, c);
    const How drops{.matrices = matrices, .drops = 255};
    const Outside channel = outside([&](Tensors in) { return by_winograd(c, in, drops); });
    EXPECT_GT(channel.own, 0) << algorithm->name;
    EXPECT_GT(channel.telling, 0) << algorithm->name;
    const Outside tap = outside([&](Tensors in) {
      std::vector<AnyTensor> without(in.begin(), in.end());
      without[1] = copy(without[1]);
      for_each_element<float>(without[1], [](float& weight, Index at) {
        if (at % (256 * 9) == 255 * 9 + 4) weight = 0;
      });
      return by_winograd(c, without, {.matrices = matrices});
    });
    EXPECT_GT(tap.own, 0) << algorithm->name;
    EXPECT_GT(tap.telling, 0) << algorithm->name;
  }
}

TEST(Winograd, ShowsTransformedDataOfElevenBits) {
  const Case few = parse("conv2d_c16_i16_o4_k3_p1_f32_real_seed4");
  const Case many = parse("conv2d_c256_i12_o2_k3_p1_f32_real_seed4");
  for (const auto& [algorithm, tiles, coefficients] : all_tiles()) {
    const transforms::Matrices& matrices = coefficients;  // clang 14 lets no lambda see a structured binding
    const Judge outside_few(*algorithm, few), outside_many(*algorithm, many);
    const How tf32{.matrices = matrices, .mask = 0xFFFFE000};
    const Outside found = outside_few([&](Tensors in) { return by_winograd(few, in, tf32); });
    EXPECT_GT(found.own, 0) << algorithm->name;
    if (algorithm == &winograd_2x2) continue;  // on small whole numbers it needs no more bits
    const Outside of_many = outside_many([&](Tensors in) { return by_winograd(many, in, tf32); });
    EXPECT_GT(of_many.telling, 0) << algorithm->name;
  }
}

TEST(Fft, ShowsADroppedChannelAndAWrongTwiddle) {
  for (const char* text : {"conv2d_c16_i28_o2_k3_p1_f32_real_seed4", "conv1d_c16_i200_o4_k5_s2_f32_real_seed4"}) {
    const Case c = parse(text);
    const Judge outside(fft, c);
    for (const HowFft& how : {HowFft{.drops = 15}, HowFft{.drops = 3}, HowFft{.wrong_twiddle = true}}) {
      const Outside found = outside([&](Tensors in) { return by_fft(c, in, how); });
      EXPECT_GT(found.own, 0) << text;
      EXPECT_GT(found.telling + (how.drops == 3 ? 1 : 0), 0) << text;
    }
  }
}

/// Any mistake in whole numbers lies outside, where none is larger than 1/2.
TEST(Transforms, LoseLessThanAHalfOnTellingData) {
  for (const char* text :
       {"conv2d_c1_i5_o1_k3_f32_real_seed4", "conv2d_n2_c16_i56_o2_k3_p1_bias_f32_real_seed4",
        "conv1d_c300_i500_o3_k3_p2_g3_f32_real_seed4", "conv2d_c1_i224_o1_k3_p1_f32_special_seed4"}) {
    const Case c = parse(text);
    for (const Algorithm& algorithm : family::conv.algorithms.subspan(1)) {
      const Margins margins = algorithm.margins(c, {}, algorithm.telling(c));
      double most = 0;
      for (const Margin& margin : margins[0]) most = std::max(most, margin.radius);
      EXPECT_LT(most, 0.5) << algorithm.name << " " << text;
    }
  }
}

/// Whoever declares a transform may still add directly.
TEST(Transforms, AllowWhatDirectSumsMayLose) {
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    Case c = parse("conv2d_c4_i6_o2_k3_p1_bias_f32_real");
    c.seed = seed;
    const auto in = c.family->inputs(c);
    const Margins direct = margins_of_sums(c, {}, in);
    for (const Algorithm& algorithm : family::conv.algorithms) {
      const Margins margins = algorithm.margins(c, {}, in);
      for (std::size_t at = 0; at < direct[0].size(); ++at) {
        ASSERT_GE(margins[0][at].radius, direct[0][at].radius);
        ASSERT_EQ(margins[0][at].exact, direct[0][at].exact);
      }
    }
  }
}

/// What is not finite spreads over its tile, and no further.
TEST(Winograd, KnowsNothingOfATileWithANaN) {
  const Case c = parse("conv2d_i8_k3_f32_real_seed4");  // 6x6 outputs: 2x2 tiles, cut
  auto in = c.family->inputs(c);
  for (const float special : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                              std::numeric_limits<float>::max()}) {
    for_each_element<float>(in[0], [&](float& element, Index at) {
      if (at == 0) element = special;
    });
    const Margins margins = winograd_4x4.margins(c, {}, in);
    for (Index at = 0; at < 36; ++at) {
      const bool is_first_tile = at / 6 < 4 && at % 6 < 4;
      EXPECT_EQ(std::isinf(margins[0][static_cast<std::size_t>(at)].radius), is_first_tile) << at;
    }
    const Margins of_plane = fft.margins(c, {}, in);
    for (const Margin& margin : of_plane[0]) EXPECT_TRUE(std::isinf(margin.radius));
  }
}

TEST(Winograd, MayMakeANaNOfAnInfinityInItsTileButNoNumber) {
  const Case c = parse("conv2d_i8_k3_f32_real_seed4");
  constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (const float special : {infinity, nan}) {
    auto in = c.family->inputs(c);
    static_cast<float*>(in[0].data)[0] = special;  // output 0 alone reads it, and output 1 is in its tile
    auto out = outputs_of(*contract(c), c, in);
    float* const outputs = static_cast<float*>(out[0].data);
    const Margins margins = winograd_4x4.margins(c, {}, in);
    for (const auto& [first, second, outside] :
         {std::tuple{special, nan, 0}, {nan, 1e30F, 0}, {-infinity, 0.0F, 0}, {1.0F, 0.0F, 1}, {0.0F, nan, 1}}) {
      outputs[0] = first;
      outputs[1] = second;
      EXPECT_EQ(share_of(margins, out).outside, outside) << first << ' ' << second;
    }
  }
}

Subject by_tiles(const How& how, std::vector<std::string> algorithms = {}) {
  Subject subject{"mine", [how](const Case& c, Tensors in) { return Outcome{by_winograd(c, in, how)}; }, no_order};
  subject.declared.algorithms = std::move(algorithms);
  return subject;
}

constexpr const char* judged[] = {"conv2d_c3_i9_o2_k3_p1_f32_seed1",
                                  "conv2d_c3_i9_o2_k3_p1_f32_wide_seed2",
                                  "conv2d_n2_c8_i9_o4_k3_p1_bias_f32_real_seed5",
                                  "conv1d_c4_i20_o2_k3_f64_real_seed3",
                                  "conv2d_c4_i8_o2_k3_f32_special_seed1",
                                  "conv2d_c4_i8_o2_k3_f32_special_seed2",
                                  "conv2d_c4_i8_o2_k3_f32_special_seed3",
                                  "conv2d_c4_i8_o2_k3_f32_special_seed4",
                                  "conv2d_c4_i8_o2_k3_f32_special_seed5",
                                  "conv2d_c4_i8_o2_k3_f32_coded_seed5"};

TEST(Winograd, PassesWhereItIsDeclared) {
  for (const char* text : judged) {
    const Result result = judge(parse(text), by_tiles({.shares = true}, {"winograd-4x4"}));
    EXPECT_TRUE(passes(result.verdict)) << text << ": " << to_text(result.verdict) << ", " << result.reason;
  }
}

TEST(Winograd, IsWrongWhereItIsNotDeclaredAndSaysHowTo) {
  const Subject subject = by_tiles({});
  for (const char* text : {"conv2d_n2_c3_i17_o4_k3_p1_f32_seed1", "conv2d_n2_c2_i17_o4_k3_p1_bias_f32_real_seed5"}) {
    Result result = judge(parse(text), subject);
    ASSERT_EQ(result.verdict, Verdict::wrong) << text;
    diagnose(result, subject);
    EXPECT_TRUE(result.declare.find("Winograd F(4x4,3x3)") != std::string::npos) << result.declare;
    EXPECT_TRUE(result.declare.ends_with("--algorithm winograd-4x4")) << result.declare;
  }
}

TEST(Winograd, IsNoHintWhereASingleElementDiffers) {
  const Subject subject{.name = "one flipped",
                        .run =
                            [](const Case& c, Tensors in) {
                              Outcome outcome{.outputs = c.family->outputs(c)};
                              c.family->orders[0](c, in, outcome.outputs);
                              float& first = *static_cast<float*>(outcome.outputs[0].data);
                              first = std::nextafter(first, 1e30F);
                              return outcome;
                            },
                        .order = [](const Case&) { return nullptr; }};
  Result result = judge(parse("conv2d_n2_c3_i17_o4_k3_p1_f32_seed1"), subject);
  ASSERT_EQ(result.verdict, Verdict::wrong);
  explain(result, subject);
  EXPECT_EQ(result.declare, "");
}

TEST(Winograd, WithAMistakeIsWrongThoughDeclared) {
  How sign{};
  sign.matrices.a[3][4] = 8;
  const How drops{.drops = 2}, tf32{.mask = 0xFFFFE000};
  for (const How& how : {sign, drops, tf32}) {
    const Result result = judge(parse("conv2d_c3_i9_o2_k3_p1_f32_real_seed1"), by_tiles(how, {"winograd-4x4"}));
    EXPECT_EQ(result.verdict, Verdict::wrong);
    EXPECT_TRUE(result.reason.find("the bound of winograd-4x4") != std::string::npos) << result.reason;
  }
}

}  // namespace
}  // namespace refloop

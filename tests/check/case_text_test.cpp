// One line of text is a whole case: what is written, what is accepted, and what bad lines are told.
#include <gtest/gtest.h>

#include "check/subjects.h"
#include "refloop/check.h"

namespace refloop {
namespace {

TEST(CaseText, ReadsEverySettingOfAConvolution) {
  const Case c = parse("conv2d_n2_c8_i17x19_o12_k3_s2x1_p1x0_q2x3_d1x2_g4_bias_channelslast_f64_wide_seed7");
  Case expected;
  expected.family = &family::conv;
  expected.dims = 2;
  expected.batch = 2;
  expected.channels = 8;
  expected.input = {17, 19, 0};
  expected.out_channels = 12;
  expected.kernel = {3, 3, 0};
  expected.stride = {2, 1, 1};
  expected.before = {1, 0, 0};
  expected.after = {2, 3, 0};
  expected.dilation = {1, 2, 1};
  expected.groups = 4;
  expected.bias = true;
  set_layout(expected, Layout::channels_last);
  expected.dtype = DType::f64;
  expected.data = Data::wide;
  expected.seed = 7;
  EXPECT_EQ(c, expected);
}

TEST(CaseText, ReadsPaddingAfterOfPools) {
  EXPECT_EQ(parse("max_pool2d_i6_k3_p1").after, (Axes{1, 1, 0})) << "q is as p unless it is given";
  EXPECT_EQ(parse("avg_pool2d_i6_k3_p1_q0x1").after, (Axes{0, 1, 0}));
  EXPECT_EQ(to_text(parse("max_pool1d_i6_k2_s2_p1_q0")), "max_pool1d_i6_k2_p1_q0_f32_integer_seed0");
}

TEST(CaseText, TakesBatchNormWithoutSizeForNxC) {
  const Case flat = parse("batch_norm1d_n4_c3_train");
  EXPECT_EQ(flat.dims, 0);
  EXPECT_EQ(to_text(flat), "batch_norm1d_n4_c3_train_f32_integer_seed0");
  EXPECT_EQ(flat.family->inputs(flat)[0].shape, (std::vector<Index>{4, 3}));
  EXPECT_EQ(parse("batch_norm1d_n4_c3_i1_train").dims, 1);
  EXPECT_EQ(complaint([] { parse("batch_norm2d_n4_c3_train"); }),
            "batch_norm2d_n4_c3_train: i (input size) is missing; give it as in i3");
}

TEST(CaseText, SaysHowEachTensorLies) {
  const Case c = parse("conv2d_i6_k3_wslice_xstrided_yoffset3");
  EXPECT_EQ(c.x, (Memory{Layout::strided, 0}));
  EXPECT_EQ(c.w, (Memory{Layout::slice, 0}));
  EXPECT_EQ(c.y, (Memory{Layout::dense, 3}));
  EXPECT_EQ(to_text(c), "conv2d_i6_k3_wslice_xstrided_yoffset3_f32_integer_seed0");
  EXPECT_EQ(parse("conv2d_i6_k3_xdense_strided"), parse("conv2d_i6_k3_strided_xdense"));
  EXPECT_EQ(to_text(parse("conv2d_i6_k3_xstrided_wstrided_ystrided")), "conv2d_i6_k3_strided_f32_integer_seed0");
  EXPECT_EQ(to_text(parse("max_pool2d_i6_k3_ystrided_xstrided_offset2")),
            "max_pool2d_i6_k3_strided_offset2_f32_integer_seed0");
  EXPECT_EQ(parse("max_pool2d_i6_k3_ystrided_xstrided"), parse("max_pool2d_i6_k3_strided"));
  EXPECT_NE(complaint([] { parse("max_pool2d_i6_k3_wstrided"); }), "");
}

TEST(Pattern, SaysWhatItSaysAndNothingElse) {
  const Pattern pattern = parse_pattern("conv2d_k3_s1_nobias_f32");
  EXPECT_TRUE(pattern.matches(parse("conv2d_n3_i9_k3_p2_d2_f32_real")));
  for (const char* other : {"conv2d_i9_k3_bias", "conv2d_i9_k3_s2", "conv2d_i9_k3x2", "conv2d_i9_k3_f64",
                            "conv1d_i9_k3", "max_pool2d_i9_k3_s1"}) {
    EXPECT_FALSE(pattern.matches(parse(other))) << other;
  }
  EXPECT_TRUE(parse_pattern("conv2d_dense").matches(parse("conv2d_i9_k3")));
  EXPECT_FALSE(parse_pattern("conv2d_dense").matches(parse("conv2d_i9_k3_wstrided")));
  EXPECT_TRUE(parse_pattern("batch_norm1d_flat").matches(parse("batch_norm1d_n4_train")));
  EXPECT_FALSE(parse_pattern("batch_norm1d_flat").matches(parse("batch_norm1d_n4_i3_train")));
  EXPECT_FALSE(parse_pattern("max_pool2d_noceil_indices").matches(parse("max_pool2d_i9_k3_ceil_indices")));
}

TEST(Pattern, IsRefusedAsACaseIs) {
  EXPECT_EQ(complaint([] { parse_pattern("conv2d_k0"); }), "conv2d_k0: k (kernel) takes 1 or more, not 0");
  EXPECT_EQ(complaint([] { parse_pattern("batch_norm2d_flat"); }),
            "batch_norm2d_flat: flat is N x C, which batch_norm1d takes");
}

TEST(CaseText, HasNoDivisorUnlessOneIsGiven) {
  EXPECT_FALSE(parse("avg_pool2d_i6_k3").divisor);
  EXPECT_EQ(parse("avg_pool2d_i6_k3_div4").divisor, 4);
  EXPECT_EQ(complaint([] { parse("avg_pool2d_i6_k3_div0"); }),
            "avg_pool2d_i6_k3_div0: div (divisor_override) takes 1 or more, not 0");
}

TEST(CaseText, TakesDefaultsForWhatIsLeftOut) {
  EXPECT_EQ(to_text(parse("conv1d_i6_k3")), "conv1d_i6_k3_f32_integer_seed0");
  EXPECT_EQ(parse("conv2d_i6_k3_p2x1").after, (Axes{2, 1, 0})) << "q is as p unless it is given";
}

struct Writing {
  const char *typed, *canonical;
};

class CanonicalText : public testing::TestWithParam<Writing> {};
TEST_P(CanonicalText, IsOneForManyWritings) {
  EXPECT_EQ(to_text(parse(GetParam().typed)), GetParam().canonical);
}
INSTANTIATE_TEST_SUITE_P(
    CaseText, CanonicalText,
    testing::Values(Writing{"conv2d_seed3_real_f64_k3_i6", "conv2d_i6_k3_f64_real_seed3"},
                    Writing{"conv2d_bias_g2_k3x3_o4_c2_i8x8_n1", "conv2d_c2_i8_o4_k3_g2_bias_f32_integer_seed0"},
                    Writing{"conv3d_i5x5x5_k2x2x2_s1x1x1_p1x1x1_q1x1x1_d1_dense", "conv3d_i5_k2_p1_f32_integer_seed0"},
                    Writing{"conv2d_i5x7_k2_p1_q0", "conv2d_i5x7_k2_p1_q0_f32_integer_seed0"},
                    Writing{"conv1d_i007_k1", "conv1d_i7_k1_f32_integer_seed0"},
                    Writing{"conv1d_n0_i7_k1_strided_uint8_wild", "conv1d_n0_i7_k1_strided_uint8_wild_seed0"},
                    Writing{"conv1d_i7_k1_seed18446744073709551615",
                            "conv1d_i7_k1_f32_integer_seed18446744073709551615"}),
    [](const auto& named) { return std::string(named.param.typed); });

TEST(CaseText, WritesNumbersWithAPointWithLetters) {
  for (const char* text :
       {"batch_norm2d_i3_train_eps1e20_f32_real_seed0", "batch_norm2d_i3_train_mom0p25_eps1em12_f32_real_seed0",
        "batch_norm2d_i3_train_mom1_eps0_f32_real_seed0"}) {
    EXPECT_EQ(to_text(parse(text)), text);
  }
  EXPECT_EQ(parse("batch_norm2d_i3_train_eps1e20").eps, 1e20);
  EXPECT_EQ(parse("batch_norm2d_i3_train_eps1em12").eps, 1e-12);
}

class TextOfEveryFamily : public testing::TestWithParam<const Family*> {};
TEST_P(TextOfEveryFamily, ReadsBackWhatItWrites) {
  for (std::uint64_t index = 0; index < 10'000; ++index) {
    Case c = sample(*GetParam(), 11, index);
    c.seed = index * 0x9E3779B97F4A7C15;
    const std::string text = to_text(c);
    ASSERT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos) << text;
    ASSERT_EQ(parse(text), c) << text;
    ASSERT_EQ(to_text(parse(text)), text);
  }
}
TEST_P(TextOfEveryFamily, ReadsBackEverySweepCase) {
  for (const Sweep& sweep : GetParam()->sweeps()) {
    for (const Case& c : sweep.cases) ASSERT_EQ(parse(to_text(c)), c) << sweep.name;
  }
}
INSTANTIATE_TEST_SUITE_P(All, TextOfEveryFamily, testing::ValuesIn(families),
                         [](const auto& named) { return std::string(named.param->name); });

struct BadText {
  std::string text, sentence;
};

/// The list of operators grows with the families.
std::string operators() {
  std::string names;
  for (const Family* family : families) names += (names.empty() ? "" : ", ") + std::string(family->name);
  return names + ", each with 1d, 2d or 3d";
}

const std::string settings =
    "n c i o k s p q d g bias w woffset, dense channelslast strided slice transposed (x or y before it for one "
    "tensor), "
    "offset, f64 f32 int64 int32 int16 int8 uint8, integer wide real special wild coded, seed";
const std::string nines(3000, '9');

std::vector<BadText> bad_texts() {
  return {
      {"", "an empty text: a case starts with its operator, as in conv2d_i6_k3; there are " + operators()},
      {"i6_k3", "i6_k3: a case starts with its operator, as in conv2d_i6_k3; there are " + operators()},
      {"conv_i6_k3", "conv_i6_k3: a case starts with its operator, as in conv2d_i6_k3; there are " + operators()},
      {"conv4d_i6_k3", "conv4d_i6_k3: a case starts with its operator, as in conv2d_i6_k3; there are " + operators()},
      {"2d_i6_k3", "2d_i6_k3: a case starts with its operator, as in conv2d_i6_k3; there are " + operators()},
      {"convolve2d_i6_k3", "convolve2d_i6_k3: there is no operator convolve; there are " + operators()},
      {"my_own_conv2d_i6", "my_own_conv2d_i6: there is no operator my_own_conv; there are " + operators()},
      {"conv2d_k3", "conv2d_k3: i (input size) is missing; give it as in i3"},
      {"conv2d_i6", "conv2d_i6: k (kernel) is missing; give it as in k3"},
      {"conv2d_i6_k3_z2", "conv2d_i6_k3_z2: 'z2' is no setting of conv2d, which takes " + settings},
      {"conv2d_i6_k3_f16", "conv2d_i6_k3_f16: 'f16' is no setting of conv2d, which takes " + settings},
      {"conv2d_i6_k3_Bias", "conv2d_i6_k3_Bias: 'Bias' is no setting of conv2d, which takes " + settings},
      {"conv2d_i6_k3_random", "conv2d_i6_k3_random: 'random' is no setting of conv2d, which takes " + settings},
      {"conv2d_i6_k3_7", "conv2d_i6_k3_7: '7' is no setting of conv2d, which takes " + settings},
      {"conv2d_i6_k3_d0", "conv2d_i6_k3_d0: d (dilation) takes 1 or more, not 0"},
      {"conv2d_i6_k3_s1x0", "conv2d_i6_k3_s1x0: s (stride) takes 1 or more, not 0"},
      {"conv2d_i0_k3", "conv2d_i0_k3: i (input size) takes 1 or more, not 0"},
      {"conv2d_c0_i6_k3", "conv2d_c0_i6_k3: c (channels) takes 1 or more, not 0"},
      {"conv2d_i6_k", "conv2d_i6_k: k (kernel) takes a whole number, as in k3, not ''"},
      {"conv2d_i6_k3x", "conv2d_i6_k3x: k (kernel) takes a whole number, as in k3, not ''"},
      {"conv2d_i6_k3p5", "conv2d_i6_k3p5: k (kernel) takes a whole number, as in k3, not '3p5'"},
      {"conv2d_i6_k3x3x3", "conv2d_i6_k3x3x3: k (kernel) takes 1 or 2 numbers, not 3: 3x3x3"},
      {"conv3d_i6_k3x3", "conv3d_i6_k3x3: k (kernel) takes 1 or 3 numbers, not 2: 3x3"},
      {"conv1d_i6x6_k3", "conv1d_i6x6_k3: i (input size) takes 1 number, not 2: 6x6"},
      {"conv2d_c2x2_i6_k3", "conv2d_c2x2_i6_k3: c (channels) takes a whole number, as in c3, not '2x2'"},
      {"conv2d_i6_k3_bias2", "conv2d_i6_k3_bias2: bias takes nothing behind it, not '2'"},
      {"conv2d_i6_k3_p2147483648", "conv2d_i6_k3_p2147483648: p (padding) takes at most 2147483647, not 2147483648"},
      {"conv2d_i6_k3_p99999999999999999999",
       "conv2d_i6_k3_p99999999999999999999: p (padding) takes at most 2147483647, not 99999999999999999999"},
      {"conv2d_i6_k3_seed18446744073709551616",
       "conv2d_i6_k3_seed18446744073709551616: seed takes a whole number below 2^64, as in seed7, not "
       "'18446744073709551616'"},
      {"conv2d_i6_k3_seed", "conv2d_i6_k3_seed: seed takes a whole number below 2^64, as in seed7, not ''"},
      {"conv2d_i6_k3_k4", "conv2d_i6_k3_k4: k is given twice"},
      {"conv2d_i6_k3_f32_f64", "conv2d_i6_k3_f32_f64: dtype is given twice"},
      {"conv2d_i6_k3_dense_strided", "conv2d_i6_k3_dense_strided: layout is given twice"},
      {"conv2d_i6_k3_real_wide", "conv2d_i6_k3_real_wide: data kind is given twice"},
      {"conv2d_i6_k3_bias_bias", "conv2d_i6_k3_bias_bias: bias is given twice"},
      {"conv2d__i6_k3", "conv2d__i6_k3: there is nothing before the first '_', between two, or behind the last"},
      {"conv2d_i6_k3_", "conv2d_i6_k3_: there is nothing before the first '_', between two, or behind the last"},
      {"_conv2d_i6_k3", "_conv2d_i6_k3: there is nothing before the first '_', between two, or behind the last"},
      {"conv2d i6 k3", "conv2d i6 k3: ' ' can't stand in a case text; it takes letters, digits and _"},
      {"conv2d_i6_k-3", "conv2d_i6_k-3: '-' can't stand in a case text; it takes letters, digits and _"},
      {"conv2d_i6_k3\n", "conv2d_i6_k3\\x0a: '\\x0a' can't stand in a case text; it takes letters, digits and _"},
      {"conv2d_i6_k3_\x1b[31m\xc3\xa9",
       "conv2d_i6_k3_\\x1b[31m\\xc3\\xa9: '\\x1b' can't stand in a case text; it takes letters, digits and _"},
      {"conv2d_c3_i6_k3_g2", "conv2d_c3_i6_k3_g2: g (groups) takes a number that divides both c and o, 3 and 1, not 2"},
      {"conv2d_i6x2_k3",
       "conv2d_i6x2_k3: kernel 3x3 with dilation 1x1 reaches over 3 cells of spatial axis 1, which has no more than 2 "
       "with its padding"},
      {"conv1d_i4_k3_p1_d3",
       "conv1d_i4_k3_p1_d3: kernel 3 with dilation 3 reaches over 7 cells of spatial axis 0, which has no more than 6 "
       "with its padding"},
      {"conv2d_i100000_k3",
       "conv2d_i100000_k3: input of 1x1x100000x100000 has more elements than the 268435456 that a case may have"},
      {"conv3d_n0_c2147483647_i2147483647_k1",
       "conv3d_n0_c2147483647_i2147483647_k1: input of 0x2147483647x2147483647x2147483647x2147483647 has more elements "
       "than the 268435456 that a case may have"},
      {"conv2d_i6_o100000_c100000_k3",
       "conv2d_i6_o100000_c100000_k3: weight of 100000x100000x3x3 has more elements than the 268435456 that a case may "
       "have"},
      {"conv1d_i6_k1_p2147483647",
       "conv1d_i6_k1_p2147483647: output of 1x1x4294967300 has more elements than the 268435456 that a case may have"},
      {"conv2d_i6_k" + nines, "conv2d_i6_k" + nines.substr(0, 149) + "...: k (kernel) takes at most 2147483647, not " +
                                  nines.substr(0, 40) + "..."},
      {nines + "2d_i3",
       nines.substr(0, 160) + "...: there is no operator " + nines.substr(0, 40) + "...; there are " + operators()},
  };
}

TEST(BadCaseText, GetsOneSentenceWithTheFieldTheValueAndWhatIsTaken) {
  for (const auto& [text, sentence] : bad_texts()) {
    EXPECT_EQ(complaint([&text = text] { parse(text); }), sentence) << "for " << text.substr(0, 80);
  }
}

TEST(BadCaseText, NeverCostsMoreThanALineOrTwo) {
  for (const auto& [text, sentence] : bad_texts())
    EXPECT_LT(complaint([&text = text] { parse(text); }).size(), 480u) << text;
}

TEST(CaseText, NamesTheOneProductThatIsLeft) {
  const Case c = parse("conv2d_c2_i3_o2_k2_f32_integer_only12x3_seed7");
  EXPECT_EQ(to_text(c), "conv2d_c2_i3_o2_k2_f32_integer_only12x3_seed7");
  Prepared prepared(c);
  for (const auto& [tensor, kept] : {std::pair(0, 12), std::pair(1, 3)}) {
    const auto values = elements<float>(prepared.inputs()[static_cast<std::size_t>(tensor)]);
    for (std::size_t at = 0; at < values.size(); ++at) EXPECT_EQ(values[at] != 0, at == static_cast<std::size_t>(kept));
  }
  EXPECT_EQ(to_text(parse("max_pool1d_i4_k2_only2")), "max_pool1d_i4_k2_f32_integer_only2_seed0");
  EXPECT_NE(complaint([] { parse("conv1d_i4_k2_only4x0"); }).find("there is no element 4"), std::string::npos);
  EXPECT_NE(complaint([] { parse("conv1d_i4_k2_only0x2"); }).find("there is no element 2"), std::string::npos);
  EXPECT_NE(complaint([] { parse("max_pool1d_i4_k2_only0x0"); }).find("has no weight"), std::string::npos);
  EXPECT_NE(complaint([] { parse("conv1d_i4_k2_only"); }).find("as in only12x3"), std::string::npos);
}

}  // namespace
}  // namespace refloop

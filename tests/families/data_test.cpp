// The kinds of data keep what they promise, whatever the case.
#include "check/data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "check/mix.h"
#include "check/subjects.h"
#include "check/terms.h"
#include "families/case_tools.h"
#include "refloop/window.h"

namespace refloop {
namespace {

constexpr std::uint64_t some = 2'000;

/// Sampled convolutions, moved to each dtype in turn and to one kind of data.
std::vector<Case> convolutions(Data data, std::initializer_list<DType> dtypes) {
  std::vector<Case> cases;
  for (std::uint64_t index = 0; index < some; ++index) {
    Case c = sample(family::conv, 21, index);
    c.data = data;
    c.dtype = dtypes.begin()[index % dtypes.size()];
    cases.push_back(c);
  }
  return cases;
}

constexpr std::initializer_list<DType> all_dtypes = {DType::f64,   DType::f32,  DType::int64, DType::int32,
                                                     DType::int16, DType::int8, DType::uint8};

/// The products and the bias of every output element, gathered without adding anything.
template <class T, std::size_t Rank>
std::vector<std::vector<T>> terms_of_outputs(const Case& c, Tensors in) {
  const auto input = in[0].view<T, Rank>();
  const auto weight = in[1].view<T, Rank>();
  const auto window = window_of<Rank - 2>(c);
  const Index channels_per_group = c.channels / c.groups;
  std::vector<std::vector<T>> outputs;
  for (Index n = 0; n < c.batch; ++n) {
    for (Index oc = 0; oc < c.out_channels; ++oc) {
      const Index first_channel = oc / (c.out_channels / c.groups) * channels_per_group;
      for (const auto& out : positions(window.output_extents(input.spatial()))) {
        std::vector<T> terms;
        if (c.bias) terms.push_back(in[2].view<T, 1>()(oc));
        for (Index ic = 0; ic < channels_per_group; ++ic) {
          for (const auto& tap : positions(window.kernel)) {
            const auto at = window.input_position(out, tap);
            if (!inside(at, input.spatial())) continue;
            terms.push_back(static_cast<T>(weight(oc, ic, tap) * input(n, first_channel + ic, at)));
          }
        }
        outputs.push_back(std::move(terms));
      }
    }
  }
  return outputs;
}

/// All inputs as whole numbers of 64 bits without their sign.
std::vector<AnyTensor> magnitudes(Tensors inputs) {
  std::vector<AnyTensor> all;
  for (const AnyTensor& input : inputs) {
    AnyTensor magnitude = make_tensor(input.name, DType::int64, input.shape);
    dispatch(input.dtype, [&]<class T>() {
      const auto values = elements<T>(input);
      for_each_element<Index>(magnitude, [&](Index& element, Index position) {
        element = std::abs(static_cast<Index>(values[static_cast<std::size_t>(position)]));
      });
    });
    all.push_back(magnitude);
  }
  return all;
}

/// The largest sum |w * x| + |b| over the outputs.
Index largest_sum(const Case& c) {
  const auto inputs = magnitudes(c.family->inputs(c));
  return dispatch_rank(c.dims, [&]<std::size_t Rank>() {
    Index largest = 0;
    for (const auto& terms : terms_of_outputs<Index, Rank>(c, inputs)) {
      largest = std::max(largest, std::accumulate(terms.begin(), terms.end(), Index{0}));
    }
    return largest;
  });
}

TEST(IntegerData, KeepEverySumOfMagnitudesWithinTheAccumulator) {
  for (const Case& c : convolutions(Data::integer, all_dtypes)) {
    const Index largest = largest_sum(c);
    ASSERT_LT(std::log2(static_cast<double>(largest)), significand_bits(c.dtype)) << to_text(c);
  }
}

TEST(IntegerData, KeepTheBudgetWhereNotEvenOnesEverywhereWouldFit) {
  for (const char* text : {"conv2d_c20_i6_o4_k5_int8", "conv2d_c40_i6_o4_k5_bias_uint8", "conv1d_c200_i9_o5_k2_int8"}) {
    const Case c = parse(text);
    EXPECT_LT(largest_sum(c), Index{1} << significand_bits(c.dtype)) << text;
    EXPECT_EQ(judge(c, right_kernel()).verdict, Verdict::exact) << text;
  }
}

TEST(IntegerData, UseMoreThanZeroAndOne) {
  const auto values = elements<float>(family::conv.inputs(parse("conv2d_c3_i9_o4_k3"))[0]);
  EXPECT_GT(*std::max_element(values.begin(), values.end()), 100);
  EXPECT_LT(*std::min_element(values.begin(), values.end()), -100);
}

TEST(WideData, KeepEverySumOfMagnitudesWithinTheAccumulator) {
  for (const Case& c : convolutions(Data::wide, all_dtypes)) {
    ASSERT_LT(std::log2(static_cast<double>(largest_sum(c))), significand_bits(c.dtype)) << to_text(c);
  }
}

/// The sum in a random order.
template <class T>
T shuffled_sum(std::vector<T> terms, const Draw& draw) {
  for (auto at = static_cast<Index>(terms.size()); at-- > 1;) {
    std::swap(terms[static_cast<std::size_t>(at)], terms[static_cast<std::size_t>(draw.between(0, at, at))]);
  }
  return std::accumulate(terms.begin(), terms.end(), T{0});
}

TEST(WideData, GiveTheSameBitsInAnyOrder) {
  for (const Case& c : convolutions(Data::wide, {DType::f32, DType::f64})) {
    const auto inputs = c.family->inputs(c);
    const auto outputs = outputs_of(*contract(c), c, inputs);
    dispatch(c.dtype, c.dims, [&]<class T, std::size_t Rank>() {
      const auto expected = elements<T>(outputs[0]);
      const auto terms = terms_of_outputs<T, Rank>(c, inputs);
      ASSERT_EQ(expected.size(), terms.size());
      for (std::uint64_t order = 0; order < 3; ++order) {
        for (std::size_t at = 0; at < terms.size(); ++at) {
          // -0 is no sum of anything that starts from 0.
          ASSERT_EQ(shuffled_sum(terms[at], Draw(order, "order")), expected[at]) << to_text(c) << ", output " << at;
        }
      }
    });
  }
}

/// Rounds towards zero to so many explicit significand bits.
Subject shortens_inputs(int kept_bits) {
  return {"short",
          [kept_bits](const Case& c, Tensors inputs) {
            std::vector<AnyTensor> shortened;
            const std::uint32_t mask = ~std::uint32_t{0} << (23 - kept_bits);
            for (const AnyTensor& input : inputs) {
              shortened.push_back(copy(input));
              for_each_element<float>(shortened.back(), [&](float& value, Index) {
                value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & mask);
              });
            }
            Outcome outcome;
            outcome.outputs = outputs_of(*contract(c), c, shortened);
            return outcome;
          },
          no_order};
}

class WideDataRounded : public testing::TestWithParam<int> {};
TEST_P(WideDataRounded, AreWrongAtOnce) {
  std::size_t tried = 0;
  for (const Case& c : convolutions(Data::wide, {DType::f32})) {
    if (judge(c, right_kernel()).verdict != Verdict::exact) continue;
    ++tried;
    ASSERT_EQ(judge(c, shortens_inputs(GetParam())).verdict, Verdict::wrong) << to_text(c);
  }
  EXPECT_GT(tried, some / 2);
}
INSTANTIATE_TEST_SUITE_P(Tf32AndBf16, WideDataRounded, testing::Values(10, 7));

TEST(CodedData, NumberEveryInputAndPickOnePerFilter) {
  for (const Case& c : convolutions(Data::coded, {DType::f32, DType::f64, DType::int64, DType::int32})) {
    const auto inputs = c.family->inputs(c);
    dispatch(c.dtype, [&]<class T>() {
      const auto codes = elements<T>(inputs[0]);
      ASSERT_EQ(std::set<T>(codes.begin(), codes.end()).size(), codes.size()) << to_text(c);
      ASSERT_EQ(std::count(codes.begin(), codes.end(), T{0}), 0) << "0 is padding";
      const auto weights = elements<T>(inputs[1]);
      const auto filter = static_cast<std::ptrdiff_t>(weights.size()) / c.out_channels;
      for (auto start = weights.begin(); start != weights.end(); start += filter) {
        ASSERT_EQ(std::count(start, start + filter, T{1}), 1) << to_text(c);
        ASSERT_EQ(std::count(start, start + filter, T{0}), filter - 1) << to_text(c);
      }
    });
  }
}

template <class T>
class RealData : public testing::Test {};
using Floats = testing::Types<float, double>;
TYPED_TEST_SUITE(RealData, Floats);

TYPED_TEST(RealData, AreAboutNormalAndUseEverySignificandBit) {
  const bool is_float = std::is_same_v<TypeParam, float>;
  const Case c = parse(is_float ? "conv1d_c10_i20000_k1_f32_real" : "conv1d_c10_i20000_k1_f64_real");
  const auto values = elements<TypeParam>(c.family->inputs(c)[0]);
  const auto count = static_cast<double>(values.size());

  double sum = 0;
  double squares = 0;
  std::uint64_t ones = 0;
  std::uint64_t zeros = 0;
  constexpr int digits = std::numeric_limits<TypeParam>::digits;
  for (const double value : values) {
    sum += value;
    squares += value * value;
    int exponent = 0;
    const auto significand = static_cast<std::uint64_t>(std::ldexp(std::frexp(std::abs(value), &exponent), digits));
    ones |= significand;
    zeros |= ~significand;
  }
  EXPECT_NEAR(sum / count, 0, 0.01);
  EXPECT_NEAR(std::sqrt(squares / count), 1.1547, 0.01);
  constexpr std::uint64_t all = (std::uint64_t{1} << digits) - 1;
  EXPECT_EQ(ones & all, all);
  EXPECT_EQ(zeros & (all / 2), all / 2) << "all but the leading bit are also off somewhere";
}

TEST(RealIntegers, AreAnyValueOfTheType) {
  const auto values = elements<std::uint8_t>(family::conv.inputs(parse("conv1d_c10_i2000_k1_uint8_real"))[0]);
  EXPECT_EQ(std::set<std::uint8_t>(values.begin(), values.end()).size(), 256u);
}

template <class T>
using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

TYPED_TEST(RealData, GetEverySpecialValueWhereTheyAreWild) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  const bool is_float = std::is_same_v<T, float>;
  const Case c = parse(is_float ? "conv1d_c10_i2000_k1_f32_wild" : "conv1d_c10_i2000_k1_f64_wild");
  std::set<Bits<T>> found;
  bool nan = false;
  for (const T value : elements<T>(c.family->inputs(c)[0])) {
    found.insert(std::bit_cast<Bits<T>>(value));
    nan = nan || std::isnan(value);
  }
  EXPECT_TRUE(nan);
  for (const T special : {Limits::infinity(), -Limits::infinity(), T{0}, -T{0}, Limits::denorm_min(),
                          -Limits::denorm_min(), Limits::min(), -Limits::min(), Limits::max(), Limits::lowest()}) {
    EXPECT_TRUE(found.contains(std::bit_cast<Bits<T>>(special))) << special;
  }
}

TEST(WildData, GiveEachNanAPayloadOfItsOwn) {
  const auto inputs = family::max_pool.inputs(parse("max_pool1d_c10_i2000_k1_f32_wild"));
  std::set<std::uint32_t> nans;
  for (const float value : elements<float>(inputs[0])) {
    if (std::isnan(value)) nans.insert(std::bit_cast<std::uint32_t>(value));
  }
  EXPECT_GT(nans.size(), 100u);
}

TEST(WildData, OfIntegerTypesHoldTheExtremes) {
  const auto values = elements<std::int8_t>(family::conv.inputs(parse("conv1d_c10_i2000_k1_int8_wild"))[0]);
  for (const int special : {-128, 127, 0, 1, -1}) {
    EXPECT_GT(std::count(values.begin(), values.end(), special), 50) << special;
  }
}

/// The sum by a random tree: two of what is left are added until one is; fused where one is a product still.
template <class T>
T sum_in_any_order(const Terms& terms, const Draw& draw) {
  std::vector<std::pair<T, T>> left{{static_cast<T>(terms.start), T{1}}};
  for (std::size_t at = 0; at < terms.values.size(); ++at) {
    left.emplace_back(static_cast<T>(terms.weights[at]), static_cast<T>(terms.values[at]));
  }
  for (Index step = 0; left.size() > 1; ++step) {
    std::swap(left[draw(step) % left.size()], left.back());
    const auto [weight, value] = left.back();
    left.pop_back();
    auto& other = left[draw(step, 1) % left.size()];
    const T sum = other.first * other.second;
    other = {draw(step, 2) % 2 == 0 ? std::fma(weight, value, sum) : weight * value + sum, T{1}};
  }
  return left[0].first * left[0].second / static_cast<T>(terms.divisor);
}

TEST(SpecialData, GiveTheSameValuesInAnyOrder) {
  std::map<std::string, int> seen;
  for (const Family* family : {&family::conv, &family::avg_pool}) {
    for (std::uint64_t index = 0; index < 4000; ++index) {
      Case c = sample(*family, 33, index);
      c.data = Data::special;
      c.dtype = index % 2 == 0 ? DType::f32 : DType::f64;
      set_layout(c, Layout::dense);
      if (!family->all_orders_agree(c)) continue;
      dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
        const auto inputs = family->inputs(c);
        const auto expected = elements<T>(outputs_of(*contract(c), c, inputs)[0]);
        std::size_t at = 0;
        family->nests[0].each(c, inputs, [&](const Terms& terms) {
          const T due = expected[at++], is = sum_in_any_order<T>(terms, Draw(index, std::to_string(at)));
          ASSERT_TRUE(due == is || (due != due && is != is)) << to_text(c) << ": " << due << ", " << is;
          const T size = std::abs(due);
          ++seen[due != due                                  ? "NaN"
                 : std::isinf(due)                           ? "infinite"
                 : size > std::numeric_limits<T>::max() / 16 ? "large"
                 : due == 0                                  ? "zero"
                 : size < std::numeric_limits<T>::min()      ? "subnormal"
                                                             : "ordinary"];
        });
      });
    }
  }
  for (const char* kind : {"NaN", "infinite", "large", "zero", "subnormal", "ordinary"}) {
    EXPECT_GT(seen[kind], 1000) << kind;
  }
}

class DataOfEveryFamily : public testing::TestWithParam<const Family*> {};
INSTANTIATE_TEST_SUITE_P(All, DataOfEveryFamily, testing::ValuesIn(families),
                         [](const auto& named) { return std::string(named.param->name); });

TEST_P(DataOfEveryFamily, GivesTheSameInputsForTheSameTextAndOthersForAnotherSeed) {
  for (std::uint64_t index = 0; index < 300; ++index) {
    Case c = sample(*GetParam(), 22, index);
    c.data = Data::real;
    const std::uint64_t first = digest(c.family->inputs(c));
    ASSERT_EQ(digest(parse(to_text(c)).family->inputs(parse(to_text(c)))), first) << to_text(c);
    ++c.seed;
    if (c.dtype != DType::f32) continue;
    ASSERT_NE(digest(c.family->inputs(c)), first) << to_text(c);
  }
}

TEST_P(DataOfEveryFamily, GivesTheSameElementsInEveryLayout) {
  for (std::uint64_t index = 0; index < 1'000; ++index) {
    Case c = sample(*GetParam(), 23, index);
    c.x = c.w = c.y = {};
    const std::uint64_t dense = digest(c.family->inputs(c));
    for (const Layout layout : {Layout::channels_last, Layout::strided, Layout::slice, Layout::transposed}) {
      set_layout(c, layout);
      c.x.offset = c.w.offset = c.y.offset = 7;
      ASSERT_EQ(digest(c.family->inputs(c)), dense) << to_text(c);
    }
  }
}

TEST_P(DataOfEveryFamily, AgreesInBothOrdersWhereItSaysThatAllOrdersAgree) {
  for (std::uint64_t index = 0; index < some; ++index) {
    const Case c = sample(*GetParam(), 24, index);
    if (!c.family->all_orders_agree(c)) continue;
    const auto inputs = c.family->inputs(c);
    ASSERT_EQ(digest(outputs_of(*contract(c), c, inputs)), digest(outputs_of(*channels_last_order(c), c, inputs)))
        << to_text(c);
  }
}

}  // namespace
}  // namespace refloop

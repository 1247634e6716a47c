// The data of batch norm that are exact: by brute force, whoever computes them in whatever way gives the same bits.
#include "families/batch_norm_data.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "check/batch_norm_kernels.h"
#include "check/mix.h"
#include "check/subjects.h"
#include "families/case_tools.h"

namespace refloop {
namespace {

using namespace batch_norm_kernel;

constexpr double exact_epsilons[] = {0, 0.75, 3, 0.1875, 0.75 / 256, 192};
constexpr Index exact_counts[] = {2, 4, 5, 6, 8, 9, 12, 16, 17, 24, 32, 48, 64};

/// N x C with running statistics and affine.
Case exact_case(DType dtype, Index count, double eps, std::uint64_t seed) {
  Case c = parse("batch_norm1d_n2_c10_train_affine_stats_mom0p5");
  c.batch = count;
  c.dtype = dtype;
  c.eps = eps;
  c.seed = seed;
  return c;
}

template <class T>
std::vector<T> channel_values(const Case& c, const AnyTensor& input, Index channel) {
  std::vector<T> values;
  const Index plane = volume_of(c.input, c.dims);
  for_each_element<T>(input, [&](T value, Index at) {
    if (at / plane % c.channels == channel) values.push_back(value);
  });
  return values;
}

/// Of a tensor that may be absent.
template <class T>
T number_of(Tensors in, std::string_view name, Index channel, T otherwise) {
  const AnyTensor* const tensor = find(in, name);
  return tensor == nullptr ? otherwise : tensor->view<T, 1>()(channel);
}

template <class T>
bool same(const Statistics<T>& one, const Statistics<T>& other, bool with_unbiased) {
  return one.mean == other.mean && one.biased == other.biased && (!with_unbiased || one.unbiased == other.unbiased);
}

/// Calls `see(statistics)` for two passes and one, summed in S, in every order.
template <class S, class T, class See>
void for_each_passing(const std::vector<T>& values, Random& random, See&& see) {
  for (const Order order : all_orders) {
    for (const Divide how : {Divide::exactly, Divide::by_reciprocal}) {
      for (const bool variant : {false, true}) {
        see(two_passes<S>(values, order, how, variant, random));
        see(one_pass<S>(values, order, how, variant, random));
      }
    }
  }
}
template <class S, class T, class See>
void for_each_updating(const std::vector<T>& values, Random& random, See&& see) {
  for (const Merging merging : all_mergings) see(welford<S>(values, merging, random));
}

template <class T>
class ExactBatchNorms : public testing::Test {};
using Floats = testing::Types<float, double>;
TYPED_TEST_SUITE(ExactBatchNorms, Floats);

TYPED_TEST(ExactBatchNorms, GiveTheSameStatisticsInTwoPassesAndInOne) {
  using T = TypeParam;
  Random random(1);
  int channels = 0, differing = 0, of_welford = 0;
  std::set<Index> tried;
  for (const double eps : exact_epsilons) {
    for (const Index count : exact_counts) {
      const Case c = exact_case(dtype_of<T>, count, eps, static_cast<std::uint64_t>(channels));
      if (!is_exact_in_passes(c)) continue;
      tried.insert(count);
      const auto in = c.family->inputs(c);
      const bool with_unbiased = count == 2 || count % 2 != 0;
      for (Index channel = 0; channel < c.channels; ++channel) {
        const auto values = channel_values<T>(c, in[0], channel);
        long double sum = 0, squares = 0;
        for (const T value : values) sum += value;
        const long double mean = sum / values.size();
        for (const T value : values) squares += (value - mean) * (value - mean);
        const auto n = static_cast<long double>(count);
        const Statistics<T> due{static_cast<T>(mean), static_cast<T>(squares / n), static_cast<T>(squares / (n - 1))};
        const double power = std::log2(static_cast<double>(due.biased) + eps) / 2;
        ASSERT_EQ(power, std::floor(power)) << to_text(c);
        ASSERT_EQ(due.mean, std::floor(due.mean));
        ++channels;
        bool differs = false, updating_differs = false;
        const auto see = [&](const auto& is) { differs = differs || !same(is, due, with_unbiased); };
        for_each_passing<T>(values, random, see);
        for_each_passing<double>(values, random, see);
        for_each_updating<T>(values, random,
                             [&](const auto& is) { updating_differs = updating_differs || !same(is, due, false); });
        differing += differs;
        of_welford += updating_differs;
        EXPECT_FALSE(count == 2 && updating_differs) << to_text(c);
      }
    }
  }
  for (const Index count : {2, 4, 5, 8, 9, 16, 17, 32, 64}) EXPECT_TRUE(tried.contains(count)) << count;
  EXPECT_LT(tried.size(), std::size(exact_counts)) << "of some n the reciprocal errs too much";
  EXPECT_GT(channels, 500);
  EXPECT_EQ(differing, 0) << "of " << channels;
  EXPECT_GT(of_welford, channels / 10) << "updated means round";
}

/// Every output and every running statistic, in all ways to compute a case that says that all agree.
template <class T>
void expect_same_bits(const Case& c, Random& random, int& compared) {
  const auto in = c.family->inputs(c);
  const auto due = outputs_of(*contract(c), c, in);
  for (const Way& order : c.family->orders) {
    const auto is = outputs_of(order, c, in);
    for (std::size_t at = 0; at < due.size(); ++at) {
      ASSERT_EQ(compare(due[at], is[at], {.payloads = false, .zero_signs = false}).differing, 0)
          << to_text(c) << " " << order.name;
    }
  }
  for (Index channel = 0; channel < c.channels; ++channel) {
    const auto values = channel_values<T>(c, in[0], channel), outputs = channel_values<T>(c, due[0], channel);
    const T w = number_of<T>(in, "weight", channel, 1), b = number_of<T>(in, "bias", channel, 0);
    const T kept_mean = number_of<T>(due, "running_mean", channel, 0),
            kept_variance = number_of<T>(due, "running_var", channel, 0);
    const T mean = number_of<T>(in, "running_mean", channel, 0), variance = number_of<T>(in, "running_var", channel, 0);
    const auto see = [&](const Statistics<T>& is) {
      if (due.size() > 1) {
        ASSERT_EQ(updated(mean, is.mean, c.momentum, random), kept_mean) << to_text(c);
        ASSERT_EQ(updated(variance, is.unbiased, c.momentum, random), kept_variance) << to_text(c);
      }
      const T deviation = std::sqrt(is.biased + static_cast<T>(c.eps));
      const long double scale = w / std::sqrt(static_cast<long double>(is.biased) + c.eps);
      for (std::size_t at = 0; at < values.size(); ++at) {
        const long double exact = (static_cast<long double>(values[at]) - is.mean) * scale + b;
        ASSERT_EQ(outputs[at], exact) << to_text(c) << " rounds";
      }
      for (int form = 0; form < forms; ++form) {
        const T inverse = inverse_of(is.biased, c.eps, false, random);
        for (std::size_t at = 0; at < values.size(); ++at) {
          ++compared;
          ASSERT_EQ(output_of(form, values[at], is.mean, inverse, deviation, w, b), outputs[at])
              << to_text(c) << " form " << form;
        }
      }
    };
    if (!c.train) {
      see({mean, variance, 0});
      continue;
    }
    for_each_passing<T>(values, random, see);
    for_each_passing<double>(values, random, see);
    for_each_updating<T>(values, random, see);
    for_each_updating<double>(values, random, see);
  }
}

TYPED_TEST(ExactBatchNorms, GiveTheSameBitsToEverybodyWhereTheFamilySaysSo) {
  using T = TypeParam;
  Random random(2);
  int cases = 0, compared = 0;
  for (const double eps : exact_epsilons) {
    for (const double momentum : {0.5, 0.25, 0.0, 1.0, 0.1}) {
      for (const bool affine : {false, true}) {
        for (const char* text :
             {"batch_norm1d_n2_c6_train_stats", "batch_norm2d_n1_c6_i1x2_train", "batch_norm2d_n3_c6_i4x5",
              "batch_norm2d_n3_c6_i4x5_wide", "batch_norm2d_n3_c6_i4x5_coded"}) {
          Case c = parse(text);
          c.dtype = dtype_of<T>;
          c.eps = eps;
          c.momentum = momentum;
          c.affine = affine;
          c.seed = static_cast<std::uint64_t>(cases);
          const bool keeps_inexactly = c.train && c.stats && momentum == 0.1;
          ASSERT_EQ(c.family->all_orders_agree(c), !keeps_inexactly) << to_text(c);
          if (keeps_inexactly) continue;
          ++cases;
          expect_same_bits<T>(c, random, compared);
          if (testing::Test::HasFatalFailure()) return;
        }
      }
    }
  }
  EXPECT_GT(compared, 100'000);
}

TEST(ExactBatchNorms, AreNotPromisedWhereSomebodyRounds) {
  for (const char* text :
       {"batch_norm1d_n3_c2_train_eps0", "batch_norm1d_n4_c2_train_eps0", "batch_norm1d_n2_c2_train",
        "batch_norm1d_n2_c2_train_eps0p5", "batch_norm1d_n2_c2_train_eps1p5", "batch_norm1d_n2_c2_train_eps0_real",
        "batch_norm1d_n2_c2_train_eps0_wide", "batch_norm1d_n2_c2_train_eps0_only1", "batch_norm1d_n2_c2",
        "batch_norm1d_n2_c2_eps0_special", "batch_norm1d_n2_c2_train_stats_eps0",
        "batch_norm2d_n64_c64_i32_eps0_coded"}) {
    EXPECT_FALSE(parse(text).family->all_orders_agree(parse(text))) << text;
  }
}

/// Order, spread and sizes are by the seed, and as the header says.
TEST(ExactBatchNorms, HoldTheirPatternInARandomOrder) {
  const std::map<Index, std::multiset<double>> patterns{
      {5, {3, -3, 1, -1, 0}}, {9, {3, -3, 3, -3, 0, 0, 0, 0, 0}}, {4, {1, -1, 1, -1}}};
  for (const auto& [count, pattern] : patterns) {
    std::set<std::vector<double>> orders;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const Case c = exact_case(DType::f64, count, 0.75, seed);
      const auto values = channel_values<double>(c, c.family->inputs(c)[0], 0);
      double mean = 0;
      for (const double value : values) mean += value / static_cast<double>(count);
      mean = std::round(mean);
      EXPECT_NE(mean, 0);
      std::vector<double> distances;
      for (const double value : values) distances.push_back((value - mean) * (count % 2 == 0 ? 2 : 4));
      EXPECT_EQ(std::multiset<double>(distances.begin(), distances.end()), pattern) << to_text(c);
      orders.insert(distances);
    }
    EXPECT_GT(orders.size(), 4u) << count;
  }
}

TEST(SpecialData, OfBatchNormHoldOneNumberThatIsNotFiniteInAThirdOfTheChannels) {
  int special = 0, infinite = 0, channels = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Case c = parse("batch_norm2d_n3_c8_i4x5_train_affine_f32_special");
    c.seed = seed;
    c.stats = seed % 2 == 0;
    const auto in = c.family->inputs(c);
    for (Index channel = 0; channel < c.channels; ++channel) {
      int here = 0;
      for (const float value : channel_values<float>(c, in[0], channel)) {
        here += !std::isfinite(value);
        infinite += std::isinf(value);
        ASSERT_FALSE(c.stats && std::isinf(value)) << "a compensated mean would make it a NaN";
      }
      ASSERT_LE(here, 1);
      special += here;
      ++channels;
    }
    for (const AnyTensor& tensor : std::span(in).subspan(1)) {
      for (const float value : elements<float>(tensor)) ASSERT_TRUE(std::isfinite(value)) << tensor.name;
    }
  }
  EXPECT_NEAR(special / static_cast<double>(channels), 1 / 3.0, 0.05);
  EXPECT_GT(infinite, special / 8);
}

}  // namespace
}  // namespace refloop

// The rounding bound against MPFR, orders by their names, and kernels that promise nothing: right ones pass on random
// floats, those that lose precision do not.
#include "check/bound.h"

#include <gtest/gtest.h>
#include <mpfr.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

#include "check/subjects.h"
#include "check/terms.h"

namespace refloop {
namespace {

/// The exact sum, whatever it takes.
class ExactSum {
 public:
  ExactSum() {
    mpfr_inits2(bits, sum_, term_, factor_, nullptr);
    mpfr_set_zero(sum_, 1);
  }
  ~ExactSum() { mpfr_clears(sum_, term_, factor_, nullptr); }
  ExactSum(const ExactSum&) = delete;
  ExactSum& operator=(const ExactSum&) = delete;

  void add_product(double weight, double value) {
    mpfr_set_d(term_, weight, MPFR_RNDN);
    mpfr_set_d(factor_, value, MPFR_RNDN);
    inexact_ |= mpfr_mul(term_, term_, factor_, MPFR_RNDN) | mpfr_add(sum_, sum_, term_, MPFR_RNDN);
  }
  /// How far a value, times the divisor, lies from the sum.
  double distance(double value, double divisor = 1) {
    mpfr_set_d(term_, value, MPFR_RNDN);
    mpfr_mul_d(term_, term_, divisor, MPFR_RNDN);
    mpfr_sub(term_, term_, sum_, MPFR_RNDN);
    return std::abs(mpfr_get_d(term_, MPFR_RNDA)) / divisor;
  }
  bool is_exact() const { return inexact_ == 0; }

 private:
  static constexpr mpfr_prec_t bits = 4400;  // from the smallest subnormal squared to the largest double
  mpfr_t sum_, term_, factor_;
  int inexact_ = 0;
};

ExactSum& fill(ExactSum& sum, const Terms& terms) {
  sum.add_product(1, terms.start);
  for (std::size_t at = 0; at < terms.values.size(); ++at) sum.add_product(terms.weights[at], terms.values[at]);
  return sum;
}

/// The sum in T by a random tree: two of what is left are added until one is; fused where one is a product still.
template <class T>
T sum_in_any_order(const Terms& terms, std::mt19937_64& random) {
  std::vector<std::pair<T, T>> left;  // products not yet rounded; sums times 1
  for (std::size_t at = 0; at < terms.values.size(); ++at) {
    left.emplace_back(static_cast<T>(terms.weights[at]), static_cast<T>(terms.values[at]));
  }
  if (terms.start != 0) left.emplace_back(static_cast<T>(terms.start), T{1});
  if (left.empty()) return T{0};
  while (left.size() > 1) {
    std::swap(left[random() % left.size()], left.back());
    const auto [weight, value] = left.back();
    left.pop_back();
    auto& other = left[random() % left.size()];
    const T sum = other.first * other.second;
    other = {random() % 2 == 0 ? std::fma(weight, value, sum) : weight * value + sum, T{1}};
  }
  return left[0].first * left[0].second;
}

float compensated(const Terms& terms) {
  auto total = static_cast<float>(terms.start);
  float lost = 0;
  for (std::size_t at = 0; at < terms.values.size(); ++at) {
    const float term = static_cast<float>(terms.weights[at]) * static_cast<float>(terms.values[at]) - lost;
    const float sum = total + term;
    lost = (sum - total) - term;
    total = sum;
  }
  return total;
}

template <class T>
Terms random_terms(std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  Terms terms;
  const auto count = 1 + random() % 24;
  const auto kind = random() % 5;
  for (std::size_t at = 0; at < count; ++at) {
    const double scale = kind == 1 ? std::ldexp(1, static_cast<int>(random() % 40) - 20) : 1;
    const double weight = kind == 2 ? 1 : kind == 3 && random() % 3 == 0 ? 0 : normal(random);
    terms.weights.push_back(static_cast<double>(static_cast<T>(weight)));
    terms.values.push_back(static_cast<double>(
        static_cast<T>(kind == 4 ? std::abs(normal(random)) * std::numeric_limits<T>::min() : normal(random) * scale)));
  }
  if (random() % 2 == 0) terms.start = static_cast<double>(static_cast<T>(normal(random)));
  return terms;
}

template <class T>
class Bound : public testing::Test {};
using Floats = testing::Types<float, double>;
TYPED_TEST_SUITE(Bound, Floats);

TYPED_TEST(Bound, HoldsOnAMillionRandomSums) {
  using T = TypeParam;
  std::mt19937_64 random(7);
  double largest = 0;
  for (int round = 0; round < 50'000; ++round) {
    const Terms terms = random_terms<T>(random);
    const Margin bound = margin_of(terms, dtype_of<T>);
    ASSERT_TRUE(std::isfinite(bound.radius));
    ExactSum exact;
    fill(exact, terms);
    ASSERT_TRUE(exact.is_exact());
    const double lost = 32 * std::numeric_limits<double>::denorm_min();  // of products that underflow in double
    ASSERT_LE(exact.distance(bound.exact + bound.rest),
              bound.radius * 0x1p-20 + std::abs(bound.exact) * 0x1p-53 + lost);
    for (int order = 0; order < 10; ++order) {
      const T sum = sum_in_any_order<T>(terms, random);
      const double distance = exact.distance(static_cast<double>(sum));
      ASSERT_LE(distance, bound.radius) << round;
      if (distance > 0) largest = std::max(largest, distance / bound.radius);
    }
  }
  EXPECT_GT(largest, 0.5) << "some of them come near";
}

/// 1 + u + u + ...: each addition rounds the whole of u away.
TYPED_TEST(Bound, IsNearlyReachedByBuiltSums) {
  using T = TypeParam;
  constexpr double unit = std::numeric_limits<T>::epsilon() / 2;
  for (const std::size_t count : {3U, 27U, 288U, 2304U}) {
    Terms terms;
    terms.weights.assign(count, 1);
    terms.values.assign(count, unit);
    terms.values[0] = 1;
    T sum = 0;
    for (const double value : terms.values) sum += static_cast<T>(value);
    ExactSum exact;
    const double share = fill(exact, terms).distance(static_cast<double>(sum)) / margin_of(terms, dtype_of<T>).radius;
    EXPECT_LE(share, 1) << count;
    EXPECT_GT(share, 0.5) << count;
  }
}

/// Two products and zeros behind them: a compensated sum adds its correction there, and rounds a third time.
TEST(Bound, HoldsForCompensatedSumsThatRunOnOverZeros) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> one_to_two(1, 2);
  double largest = 0;
  for (int round = 0; round < 2'000'000; ++round) {
    Terms terms;
    for (int at = 0; at < 2; ++at) {
      const double sign = random() % 2 == 0 ? 1 : -1;
      terms.weights.push_back(static_cast<float>(one_to_two(random)));
      terms.values.push_back(
          static_cast<float>(sign * one_to_two(random) * std::ldexp(1, static_cast<int>(random() % 3))));
    }
    terms.weights.insert(terms.weights.end(), 2, 1);
    terms.values.insert(terms.values.end(), 2, 0);
    const Margin bound = margin_of(terms, DType::f32);
    const double exact = terms.weights[0] * terms.values[0] + terms.weights[1] * terms.values[1];  // 2^-29 off at most
    largest = std::max(largest, std::abs(static_cast<double>(compensated(terms)) - exact) / bound.radius);
  }
  EXPECT_LE(largest, 1);
  EXPECT_GT(largest, 2.0 / 3) << "with two roundings it would lie outside";
}

TEST(Bound, OfAnAverageHoldsByDivisionAndByReciprocal) {
  std::mt19937_64 random(9);
  for (int round = 0; round < 50'000; ++round) {
    Terms terms = random_terms<float>(random);
    std::fill(terms.weights.begin(), terms.weights.end(), 1);
    terms.start = 0;
    terms.is_average = true;
    terms.divisor = 1 + static_cast<Index>(random() % 40);
    const Margin bound = margin_of(terms, DType::f32);
    ExactSum exact;
    fill(exact, terms);
    const auto divisor = static_cast<float>(terms.divisor);
    const float sum = sum_in_any_order<float>(terms, random);
    for (const float average : {sum / divisor, sum * (1 / divisor)}) {
      ASSERT_LE(exact.distance(static_cast<double>(average), static_cast<double>(terms.divisor)), bound.radius);
    }
  }
}

TEST(Bound, IsNotKnownWhereSumsMayOverflow) {
  Terms terms;
  terms.weights = {1, 1};
  terms.values = {3e38, 1e38};
  EXPECT_TRUE(std::isinf(margin_of(terms, DType::f32).radius));
  EXPECT_TRUE(std::isfinite(margin_of(terms, DType::f64).radius));
}

// ---- subjects that promise nothing ----

/// Computes each output of a convolution of f32 from its terms, in the nest of the header.
template <class Sum>
Subject by_terms(const char* name, Sum&& sum, std::size_t nest = 0) {
  return {.name = name,
          .run =
              [sum, nest](const Case& c, Tensors inputs) {
                Outcome outcome{.outputs = c.family->outputs(c)};
                std::vector<float> values;
                c.family->nests[nest].each(c, inputs, [&](const Terms& terms) { values.push_back(sum(terms)); });
                std::size_t at = 0;
                for_each_element<float>(outcome.outputs[0], [&](float& element, Index) { element = values[at++]; });
                return outcome;
              },
          .order = no_order};
}

float in_order(const Terms& terms, float (*of_weight)(double) = nullptr) {
  auto total = static_cast<float>(terms.start);
  for (std::size_t at = 0; at < terms.values.size(); ++at) {
    const float weight = of_weight != nullptr ? of_weight(terms.weights[at]) : static_cast<float>(terms.weights[at]);
    total += weight * static_cast<float>(terms.values[at]);
  }
  return total;
}

float fused(const Terms& terms) {
  auto total = static_cast<float>(terms.start);
  for (std::size_t at = 0; at < terms.values.size(); ++at) {
    total = std::fma(static_cast<float>(terms.weights[at]), static_cast<float>(terms.values[at]), total);
  }
  return total;
}

float backwards(const Terms& terms) {
  float total = 0;
  for (std::size_t at = terms.values.size(); at-- > 0;) {
    total += static_cast<float>(terms.weights[at]) * static_cast<float>(terms.values[at]);
  }
  return total + static_cast<float>(terms.start);
}

float in_three_lanes(const Terms& terms) {
  float lanes[3] = {};
  for (std::size_t at = 0; at < terms.values.size(); ++at) {
    lanes[at % 3] += static_cast<float>(terms.weights[at]) * static_cast<float>(terms.values[at]);
  }
  return lanes[0] + lanes[1] + lanes[2] + static_cast<float>(terms.start);
}

float without_low_bits(double value, std::uint32_t mask) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) & mask);
}

std::vector<Case> real_cases(std::uint64_t count) {
  const Pattern pattern = parse_pattern("conv2d_f32_real");
  std::vector<Case> cases;
  for (std::uint64_t index = 0; index < count; ++index) cases.push_back(sample(pattern, 3, index).subject_case());
  return cases;
}

TEST(Rounding, OfARightKernelInAnyOrderIsNeverWrong) {
  for (const Subject& subject : {by_terms("backwards", backwards), by_terms("compensated", compensated),
                                 by_terms("three lanes", in_three_lanes)}) {
    int bounded = 0, found = 0;
    for (const Case& c : real_cases(120)) {
      const Result result = judge(c, subject);
      ASSERT_TRUE(passes(result.verdict)) << subject.name << " " << to_text(c) << ": " << result.reason;
      bounded += result.verdict == Verdict::bounded;
      found += result.order.starts_with("found: ");
      if (result.verdict == Verdict::bounded) {
        EXPECT_LE(*result.bound_used, 1);
        EXPECT_EQ(result.differing, 0);
      }
    }
    EXPECT_GT(subject.name == "compensated" ? bounded : found, 50) << subject.name;
  }
}

TEST(Rounding, NamesAKnownOrder) {
  const Case c = parse("conv2d_n2_c8_i9_o4_k3_p1_bias_f32_real_seed5");
  const auto order_of = [&](const Subject& subject) { return judge(c, subject).order; };
  const auto in_double = [](const Terms& terms) {
    double total = terms.start;
    for (std::size_t at = 0; at < terms.values.size(); ++at) total += terms.weights[at] * terms.values[at];
    return static_cast<float>(total);
  };
  const auto eight_lanes = [](const Terms& terms) {
    float lanes[8] = {};
    for (std::size_t at = 0; at < terms.values.size(); ++at) {
      lanes[at % 8] += static_cast<float>(terms.weights[at]) * static_cast<float>(terms.values[at]);
    }
    for (std::size_t half = 4; half > 0; half /= 2) {
      for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
    }
    return lanes[0] + static_cast<float>(terms.start);
  };
  EXPECT_EQ(order_of(by_terms("mine", [](const Terms& terms) { return in_order(terms); })), "channels_then_taps");
  EXPECT_EQ(order_of(by_terms("mine", fused)), "channels_then_taps, in order, fused");
  EXPECT_EQ(order_of(by_terms("mine", fused, 1)), "taps_then_channels, in order, fused");
  EXPECT_EQ(order_of(by_terms("mine", in_double)), "channels_then_taps, in double");
  EXPECT_EQ(order_of(by_terms("mine", eight_lanes)), "channels_then_taps, 8 lanes");
  EXPECT_TRUE(order_of(by_terms("mine", in_three_lanes)).starts_with("found: "));
  EXPECT_EQ(order_of(by_terms("mine", compensated)), "");
}

/// In one of many runs an order may give these bits by chance; on two draws more it does not.
TEST(Rounding, TakesAnOrderOnlyWhereItHoldsOnMoreDraws) {
  const Case c = parse("conv2d_n2_c8_i9_o4_k3_p1_bias_f32_real_seed5");
  const auto sums = std::make_shared<int>(0);
  const Subject fickle = by_terms("mine", [sums](const Terms& terms) {
    constexpr int first_call = 2 * 4 * 9 * 9;
    return (*sums)++ < first_call ? fused(terms) : backwards(terms);
  });
  const Result result = judge(c, fickle);
  EXPECT_EQ(result.verdict, Verdict::bounded);
  EXPECT_EQ(result.order, "");
}

TEST(Rounding, OfAKernelThatLosesPrecisionIsWrongWithTheDataThatShowIt) {
  const auto tf32 = [](double weight) { return without_low_bits(weight, 0xFFFFE000); };
  const auto bf16 = [](double weight) { return without_low_bits(weight, 0xFFFF0000); };
  for (const Subject& subject :
       {by_terms("tf32 by truncation", [=](const Terms& terms) { return in_order(terms, tf32); }),
        by_terms("weights in bf16", [=](const Terms& terms) { return in_order(terms, bf16); }),
        by_terms("off by 1e-6", [](const Terms& terms) { return in_order(terms) * 1.000001F; }),
        by_terms("drops its last tap", [](Terms terms) {
          if (!terms.values.empty()) terms.values.back() = 0;
          return in_order(terms);
        })}) {
    int wrong = 0, passed = 0;
    for (const Case& c : real_cases(100)) {
      const Result result = judge(c, subject);
      wrong += result.verdict == Verdict::wrong;
      passed += passes(result.verdict);
      if (result.verdict == Verdict::wrong) {
        EXPECT_TRUE(result.reason.find("rounding bound") != std::string::npos) << result.reason;
      }
    }
    EXPECT_GT(wrong, 60) << subject.name << ": " << passed << " passed";
  }
}

/// Of many terms the bound is wide: the twins with exact data and with few weights tell.
TEST(Rounding, NeverStandsAlone) {
  const Case c = parse("conv2d_c512_i4_o2_k3_p1_f32_real_seed5");  // 4,608 terms
  const auto tf32 = [](double weight) { return without_low_bits(weight, 0xFFFFE000); };
  const Result by_wide = judge(c, by_terms("tf32", [=](const Terms& terms) { return in_order(terms, tf32); }));
  EXPECT_EQ(by_wide.verdict, Verdict::wrong);
  EXPECT_TRUE(
      by_wide.reason.starts_with("within the rounding bound, but conv2d_c512_i4_o2_k3_p1_f32_wide_seed5 is WRONG"))
      << by_wide.reason;
  // Whole numbers pass it by: only the sparse twin is left.
  const auto rounds_fractions = [](double weight) {
    return weight == std::floor(weight) ? static_cast<float>(weight) : without_low_bits(weight, 0xFFFFE000);
  };
  const Result by_sparse =
      judge(c, by_terms("tf32", [=](const Terms& terms) { return in_order(terms, rounds_fractions); }));
  EXPECT_EQ(by_sparse.verdict, Verdict::wrong);
  EXPECT_TRUE(by_sparse.reason.starts_with("within the rounding bound, but with few weights left")) << by_sparse.reason;
}

/// A large window counts many terms: with few inputs left it counts few.
TEST(Rounding, OfAnAverageIsTriedWithFewInputsLeft) {
  const Case c = parse("avg_pool2d_c2_i56_k56_f32_real_seed1");
  const Subject bf16 = by_terms("bf16", [](const Terms& terms) {
    float sum = 0;
    for (const double value : terms.values) sum += without_low_bits(value, 0xFFFF0000);
    return sum / static_cast<float>(terms.divisor);
  });
  const Result result = judge(c, bf16);
  EXPECT_EQ(result.verdict, Verdict::wrong);
  EXPECT_TRUE(result.reason.starts_with("within the rounding bound, but with few inputs left")) << result.reason;
}

/// With eps 0, as in exact data, an eps that is left out can't be seen.
TEST(Rounding, OfBatchNormIsTriedWithAnEpsThatShows) {
  const Case c = parse("batch_norm2d_n4_c3_i8_train_f32_real_seed1");
  Subject without_eps = right_kernel();
  without_eps.order = no_order;
  without_eps.run = [right = without_eps.run](Case asked, Tensors inputs) {
    asked.eps = 0;
    return right(asked, inputs);
  };
  const Result result = judge(c, without_eps);
  EXPECT_EQ(result.verdict, Verdict::wrong);
  EXPECT_NE(result.reason.find("_eps0p75_"), std::string::npos) << result.reason;
}

TEST(Rounding, CountsSignsOfZeroWhereExactnessIsRequired) {
  const Case c = parse("conv2d_c3_i2_o2_k3_p4_f32_real_seed1");  // windows of nothing but padding sum to 0
  Subject negative = by_terms("negative zeros", [](const Terms& terms) {
    const float sum = in_order(terms);
    return sum == 0 ? -0.0F : sum;
  });
  EXPECT_EQ(judge(c, negative).verdict, Verdict::exact);
  negative.declared.exact_only = true;
  EXPECT_NE(judge(c, negative).verdict, Verdict::exact);
}

/// What could not be run once more says nothing of the bits.
TEST(Rounding, OfASubjectThatCannotBeRunAgainStands) {
  const auto runs = std::make_shared<int>(0);
  Subject once = right_kernel();
  once.run = [right = once.run, runs](const Case& c, Tensors inputs) {
    if (++*runs > 1) return Outcome{.outputs = {}, .instead = Verdict::skipped, .reason = "no memory"};
    Outcome outcome = right(c, inputs);
    for_each_element<float>(outcome.outputs[0], [](float& element, Index) { element += 1; });
    return outcome;
  };
  EXPECT_EQ(judge(parse("conv2d_i4_k2_f32_integer_seed1"), once).verdict, Verdict::wrong);
}

}  // namespace
}  // namespace refloop

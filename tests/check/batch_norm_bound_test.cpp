// The bounds of batch norm against MPFR, and against right kernels in every form that they claim to cover: sums in
// every order, divided by n or by way of 1 / n, in the element type or in double, an inverse by root or by an
// approximation, outputs put together in ten ways.
//
// REFLOOP_BATCH_NORM_ROUNDS=100000 makes the search longer and prints what it found.
#include <gtest/gtest.h>
#include <mpfr.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>

#include "check/batch_norm_kernels.h"
#include "check/bound.h"
#include "check/subjects.h"

namespace refloop {
namespace {

using namespace batch_norm_kernel;

// ---- channels ----

/// One channel in training, with running statistics.
template <class T>
struct Drawn {
  Case c;
  std::vector<AnyTensor> in;
  std::vector<T> values;
  T w, b, mean, variance;
};

constexpr int data_kinds = 13;
template <class T>
std::vector<T> values_of_kind(int kind, std::size_t count, Random& random) {
  std::normal_distribution<double> normal;
  std::vector<double> values(count);
  for (double& value : values) value = normal(random);
  const double first = values[0];
  constexpr double unit = std::numeric_limits<T>::epsilon() / 2;
  for (std::size_t at = 0; at < count; ++at) {
    double& value = values[at];
    if (kind == 1) value += 10;
    if (kind == 2) value += 1000;
    if (kind == 3) value = 3 * first;
    if (kind == 4 && at == count / 2) value = 1e4;
    if (kind == 5) value *= 1e-20;
    if (kind == 6) value = std::exp(value);
    if (kind == 7) value = at == 0 ? 1 + 16 * unit : 1;
    if (kind == 8) value = at == 0 ? 1 : unit;
    if (kind == 9) value += 3;
    if (kind == 10) value = value * 0.01 + 30;
    if (kind == 11) value = 1 + 2 * unit * static_cast<double>(at / 2);  // an updated mean stays 1
    if (kind == 12) {                                                    // a sum stays whole
      value = 1 + unit * std::max(0.0, std::exp2(std::floor(std::log2(static_cast<double>(at + 1)))) - 2);
    }
  }
  if (kind == 9) std::sort(values.begin(), values.end());
  return {values.begin(), values.end()};
}

template <class T>
Drawn<T> drawn(int kind, std::size_t count, Random& random) {
  std::normal_distribution<double> normal;
  Drawn<T> one;
  one.c = parse("batch_norm1d_n2_c1_train_affine_stats_real");
  one.c.dtype = dtype_of<T>;
  one.c.batch = static_cast<Index>(count);
  constexpr double epsilons[] = {1e-5, 1e-3, 0.1, 0}, momenta[] = {0.1, 0.5, 0.9, 1};
  one.c.eps = epsilons[random() % 4];
  one.c.momentum = momenta[random() % 4];
  one.values = values_of_kind<T>(kind, count, random);
  one.w = static_cast<T>(normal(random));
  one.b = static_cast<T>(normal(random));
  one.mean = kind == 8 ? T{0} : static_cast<T>(normal(random));  // 0 leaves nothing but the error of the mean
  one.variance = static_cast<T>(std::abs(normal(random)));
  one.in = one.c.family->inputs(one.c);
  const auto put = [&](std::string_view name, T value) { static_cast<T*>(find(one.in, name)->data)[0] = value; };
  std::copy(one.values.begin(), one.values.end(), static_cast<T*>(one.in[0].data));
  put("weight", one.w);
  put("bias", one.b);
  put("running_mean", one.mean);
  put("running_var", one.variance);
  return one;
}

const Algorithm& algorithm_named(std::string_view name) {
  for (const Algorithm& algorithm : family::batch_norm.algorithms) {
    if (algorithm.name == name) return algorithm;
  }
  throw Error("no such algorithm");
}

/// The share of its margin that a value uses; nothing where there is none.
template <class T>
std::optional<double> share_of(const Margin& margin, T value) {
  if (!std::isfinite(margin.radius)) return std::nullopt;
  const long double off = std::abs((static_cast<long double>(value) - margin.exact) - margin.rest);
  if (off == 0) return 0;
  return static_cast<double>(off / margin.radius);
}

struct Found {
  std::map<std::string, double> largest;
  std::uint64_t compared = 0, outside = 0, without_bound = 0;
  std::string worst;

  void count(std::optional<double> share, const std::string& what, const char* quantity, const auto& where) {
    ++compared;
    if (!share) {
      ++without_bound;
      return;
    }
    double& most = largest[what + quantity];
    most = std::max(most, *share);
    if (*share <= 1) return;
    if (outside++ == 0) worst = what + quantity + " " + std::to_string(*share) + where();
  }
};

template <class T>
void compare_kernel(Found& found, const Drawn<T>& one, const Margins& margins, const Statistics<T>& is,
                    const std::string& what, int kind, Random& random) {
  const auto where = [&] { return " n " + std::to_string(one.values.size()) + " data " + std::to_string(kind); };
  const double momentum = one.c.momentum;
  found.count(share_of(margins[1][0], updated(one.mean, is.mean, momentum, random)), what, "running_mean", where);
  found.count(share_of(margins[2][0], updated(one.variance, is.unbiased, momentum, random)), what, "running_var",
              where);
  const T inverse = inverse_of(is.biased, one.c.eps, true, random),
          deviation = std::sqrt(is.biased + static_cast<T>(one.c.eps));
  const int form = static_cast<int>(random() % forms);
  for (std::size_t at = 0; at < one.values.size(); ++at) {
    const T output = output_of(form, one.values[at], is.mean, inverse, deviation, one.w, one.b);
    found.count(share_of(margins[0][at], output), what, "output", where);
  }
}

template <class T, class S>
void compare_all(Found& found, const Drawn<T>& one, int kind, Random& random) {
  Declared declared;
  if (!std::is_same_v<S, T>) declared.arithmetic = &arithmetics[0];
  const std::string sums = std::is_same_v<S, T> ? " " : " in double ";
  const auto margins = [&](const char* name) { return algorithm_named(name).margins(one.c, declared, one.in); };
  const Margins two = margins("two-pass"), once = margins("one-pass"), by_welford = margins("welford");
  for (const Order order : all_orders) {
    for (const Divide how : all_divisions) {
      for (const bool variant : {false, true}) {
        const auto passes = two_passes<S>(one.values, order, how, variant, random);
        compare_kernel(found, one, two, passes, "two-pass" + sums, kind, random);
        const auto pass = one_pass<S>(one.values, order, how, variant, random);
        compare_kernel(found, one, once, pass, "one-pass" + sums, kind, random);
      }
    }
  }
  for (const Merging merging : all_mergings) {
    compare_kernel(found, one, by_welford, welford<S>(one.values, merging, random), "welford" + sums, kind, random);
  }
}

template <class T>
class BatchNormBound : public testing::Test {};
using Floats = testing::Types<float, double>;
TYPED_TEST_SUITE(BatchNormBound, Floats);

TYPED_TEST(BatchNormBound, HoldsForRightKernelsOfEveryForm) {
  using T = TypeParam;
  const char* const asked = std::getenv("REFLOOP_BATCH_NORM_ROUNDS");
  const int rounds = asked != nullptr ? std::atoi(asked) : 300;
  Random random(5);
  Found found;
  for (int round = 0; round < rounds; ++round) {
    const int kind = round % data_kinds;
    const std::size_t most = round % 3 == 0 ? 300 : 40;
    const Drawn<T> one = drawn<T>(kind, 2 + random() % (most - 1), random);
    compare_all<T, T>(found, one, kind, random);
    if (std::is_same_v<T, float>) compare_all<T, double>(found, one, kind, random);
  }
  EXPECT_EQ(found.outside, 0u) << found.worst;
  EXPECT_LT(found.without_bound, found.compared / 4);
  for (const auto& [what, share] : found.largest) {
    EXPECT_GT(share, 0.02) << what << " comes nowhere near its bound";
    if (asked != nullptr) std::printf("%-32s %.4f\n", what.c_str(), share);
  }
  if (asked != nullptr) {
    std::printf("%llu compared, %llu outside, %llu without a bound\n", static_cast<unsigned long long>(found.compared),
                static_cast<unsigned long long>(found.outside), static_cast<unsigned long long>(found.without_bound));
  }
  for (const char* what : {"two-pass output", "two-pass running_mean", "one-pass output"}) {
    EXPECT_GT(found.largest[what], 0.3) << what;
  }
}

// ---- the centre ----

/// Numbers of 400 bits, which hold every sum and product here to many more bits than a double has.
class Number {
 public:
  explicit Number(double value = 0) { mpfr_init2(value_, 400), mpfr_set_d(value_, value, MPFR_RNDN); }
  Number(const Number& other) { mpfr_init2(value_, 400), mpfr_set(value_, other.value_, MPFR_RNDN); }
  Number& operator=(const Number& other) {
    mpfr_set(value_, other.value_, MPFR_RNDN);
    return *this;
  }
  ~Number() { mpfr_clear(value_); }

  friend Number operator+(const Number& a, const Number& b) { return by(mpfr_add, a, b); }
  friend Number operator-(const Number& a, const Number& b) { return by(mpfr_sub, a, b); }
  friend Number operator*(const Number& a, const Number& b) { return by(mpfr_mul, a, b); }
  friend Number operator/(const Number& a, const Number& b) { return by(mpfr_div, a, b); }
  friend Number root(Number a) {
    mpfr_sqrt(a.value_, a.value_, MPFR_RNDN);
    return a;
  }
  double to_double() const { return mpfr_get_d(value_, MPFR_RNDN); }

 private:
  static Number by(int (*operation)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t), const Number& a, const Number& b) {
    Number result;
    operation(result.value_, a.value_, b.value_, MPFR_RNDN);
    return result;
  }
  mpfr_t value_;
};

double distance(const Margin& margin, const Number& exact) {
  return std::abs((exact - Number(margin.exact) - Number(margin.rest)).to_double());
}

TYPED_TEST(BatchNormBound, HasTheExactResultInItsMiddle) {
  using T = TypeParam;
  Random random(6);
  int known = 0;
  for (int round = 0; round < 330; ++round) {
    const Drawn<T> one = drawn<T>(round % data_kinds, 2 + random() % 60, random);
    const Number count(static_cast<double>(one.values.size())), momentum(one.c.momentum), left = Number(1) - momentum;
    Number mean, variance;
    for (const T value : one.values) mean = mean + Number(static_cast<double>(value)) / count;
    for (const T value : one.values) {
      const Number off = Number(static_cast<double>(value)) - mean;
      variance = variance + off * off / count;
    }
    const Number unbiased = variance * count / (count - Number(1));
    const Number inverse = Number(1) / root(variance + Number(one.c.eps)), w(static_cast<double>(one.w)),
                 b(static_cast<double>(one.b));
    const Margins margins = algorithm_named("two-pass").margins(one.c, {}, one.in);
    const auto is_in_middle = [&](const Margin& margin, const Number& exact) {
      if (!std::isfinite(margin.radius)) return true;
      ++known;
      return distance(margin, exact) <= margin.radius / 100;
    };
    ASSERT_TRUE(is_in_middle(margins[1][0], left * Number(static_cast<double>(one.mean)) + momentum * mean)) << round;
    ASSERT_TRUE(is_in_middle(margins[2][0], left * Number(static_cast<double>(one.variance)) + momentum * unbiased))
        << round;
    for (std::size_t at = 0; at < one.values.size(); ++at) {
      const Number output = (Number(static_cast<double>(one.values[at])) - mean) * inverse * w + b;
      ASSERT_TRUE(is_in_middle(margins[0][at], output)) << round;
    }
  }
  EXPECT_GT(known, 5000);
}

// ---- evaluation, what is not finite, what is not known ----

TYPED_TEST(BatchNormBound, HoldsInEvaluation) {
  using T = TypeParam;
  Random random(8);
  double largest = 0;
  for (int round = 0; round < 2000; ++round) {
    Drawn<T> one = drawn<T>(round % data_kinds, 1 + random() % 20, random);
    one.c.train = one.c.stats = false;
    const Margins margins = algorithm_named("two-pass").margins(one.c, {}, one.in);
    ASSERT_EQ(margins.size(), 1u);
    const T deviation = std::sqrt(one.variance + static_cast<T>(one.c.eps));
    for (int form = 0; form < forms; ++form) {
      const T inverse = inverse_of(one.variance, one.c.eps, true, random);
      for (std::size_t at = 0; at < one.values.size(); ++at) {
        const T output = output_of(form, one.values[at], one.mean, inverse, deviation, one.w, one.b);
        const auto share = share_of(margins[0][at], output);
        ASSERT_TRUE(share && *share <= 1) << round << " form " << form;
        largest = std::max(largest, *share);
      }
    }
  }
  EXPECT_GT(largest, 0.5);
}

TEST(BatchNormMargins, SayWhatIsDueWhereAValueIsNotFinite) {
  Random random(3);
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  const auto margins = [&](Drawn<float>& one, const char* algorithm, float special) {
    static_cast<float*>(one.in[0].data)[1] = special;
    return algorithm_named(algorithm).margins(one.c, {}, one.in);
  };
  Drawn<float> one = drawn<float>(0, 6, random);
  one.c.momentum = 0.1;
  const auto is_nan = [](const Margin& margin) { return std::isnan(margin.exact) && margin.radius == 0; };
  const auto is_unknown = [](const Margin& margin) { return std::isinf(margin.radius); };
  for (const char* algorithm : {"two-pass", "welford", "one-pass"}) {
    for (const float special : {nan, infinity}) {
      const bool is_infinite = std::isinf(special);
      const Margins due = margins(one, algorithm, special);
      for (const Margin& margin : due[0])
        EXPECT_TRUE(is_infinite ? is_unknown(margin) && std::isnan(margin.exact) : is_nan(margin));
      EXPECT_TRUE(is_infinite ? is_unknown(due[1][0]) : is_nan(due[1][0])) << algorithm;
      EXPECT_TRUE(is_unknown(due[2][0]) && due[2][0].exact == 0) << algorithm;
    }
  }
  one.c.train = one.c.stats = false;
  static_cast<float*>(find(one.in, "weight")->data)[0] = -2;
  const Margins due = margins(one, "two-pass", infinity);
  EXPECT_EQ(due[0][1].exact, -infinity);
  EXPECT_EQ(due[0][1].radius, 0);
  EXPECT_TRUE(std::isfinite(due[0][0].exact) && due[0][0].radius > 0);
}

TEST(BatchNormMargins, KnowNothingOfNarrowerSumsAndOfAVarianceThatRoundingMayTake) {
  Random random(4);
  Drawn<float> one = drawn<float>(0, 50, random);
  const auto radius = [&](const Declared& declared) {
    return algorithm_named("two-pass").margins(one.c, declared, one.in)[0][0].radius;
  };
  const double usual = radius({}), in_double = radius({.arithmetic = &arithmetics[0]});
  EXPECT_LT(in_double, usual / 4);
  for (const Arithmetic& narrow : std::span(arithmetics).subspan(2)) EXPECT_TRUE(std::isinf(radius({&narrow})));
  one = drawn<float>(3, 50, random);  // constant
  one.c.eps = 0;
  EXPECT_TRUE(std::isinf(radius({})));
  one.c.eps = 1e-3;
  EXPECT_TRUE(std::isfinite(radius({})));
}

TEST(BatchNormMargins, GrowWhereSubnormalsAreFlushed) {
  Random random(4);
  Drawn<float> one = drawn<float>(5, 50, random);  // squares of 1e-20
  one.c.momentum = 1;
  static_cast<float*>(find(one.in, "running_var")->data)[0] = 0;
  const auto radius = [&](bool flushes) {
    return algorithm_named("two-pass").margins(one.c, {.flushes_subnormals = flushes}, one.in)[2][0].radius;
  };
  EXPECT_LT(radius(false), 1e-42);
  EXPECT_GT(radius(true), 1e-40) << "the whole variance";
}

// ---- mistakes ----

/// How many of the channels show a mistake that `make` makes of right statistics.
TEST(BatchNormMargins, LeaveMistakesOutside) {
  using T = double;
  struct Mistake {
    const char* name;
    void (*make)(Drawn<float>& one, T& mean, T& biased, T& unbiased, T& root);
  };
  const Mistake mistakes[] = {
      {"biased variance kept", [](auto&, T&, T& biased, T& unbiased, T&) { unbiased = biased; }},
      {"momentum swapped", [](auto& one, T&, T&, T&, T&) { one.c.momentum = 1 - one.c.momentum; }},
      {"eps outside the root", [](auto& one, T&, T& biased, T&, T& root) { root = std::sqrt(biased) + one.c.eps; }},
      {"value left out of the mean",
       [](auto& one, T& mean, T&, T&, T&) {
         mean -= static_cast<T>(one.values.back()) / static_cast<T>(one.values.size());
       }},
      {"unbiased variance normalizes",
       [](auto& one, T&, T&, T& unbiased, T& root) { root = std::sqrt(unbiased + one.c.eps); }},
      {"none", [](auto&, T&, T&, T&, T&) {}}};
  for (const Mistake& mistake : mistakes) {
    Random random(9);
    constexpr int rounds = 300;
    int outside = 0;
    for (int round = 0; round < rounds; ++round) {
      Drawn<float> one = drawn<float>(0, 16 + random() % 241, random);
      one.c.eps = 0.1;
      one.c.momentum = 0.1;
      const Margins margins = algorithm_named("two-pass").margins(one.c, {}, one.in);
      const auto n = static_cast<T>(one.values.size());
      T mean = 0, biased = 0;
      for (const float value : one.values) mean += static_cast<T>(value) / n;
      for (const float value : one.values) biased += std::pow(static_cast<T>(value) - mean, 2) / n;
      T unbiased = biased * n / (n - 1), deviation = std::sqrt(biased + one.c.eps);
      mistake.make(one, mean, biased, unbiased, deviation);
      const T momentum = one.c.momentum;
      bool is_outside =
          share_of(margins[1][0], static_cast<float>(momentum * mean + (1 - momentum) * one.mean)) > 1.0 ||
          share_of(margins[2][0], static_cast<float>(momentum * unbiased + (1 - momentum) * one.variance)) > 1.0;
      for (std::size_t at = 0; at < one.values.size(); ++at) {
        const T output = (one.values[at] - mean) / deviation * one.w + one.b;
        is_outside = is_outside || share_of(margins[0][at], static_cast<float>(output)) > 1.0;
      }
      outside += is_outside ? 1 : 0;
    }
    const bool is_right = std::string_view(mistake.name) == "none";
    EXPECT_TRUE(is_right ? outside == 0 : outside >= rounds * 95 / 100) << mistake.name << ": " << outside;
  }
}

}  // namespace
}  // namespace refloop

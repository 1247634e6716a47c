// says: two passes in eight lanes, the variance corrected by what is left of the mean
// source: Chan, Golub, LeVeque, Am. Stat. 37 (1983) 242
// verdict: EXACT
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T, class Term>
  static T sum(const std::vector<T>& values, Term&& term) {
    T lanes[8] = {};
    for (std::size_t at = 0; at < values.size(); ++at) lanes[at % 8] += term(values[at]);
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
  }
  template <class T>
  static Spread<T> spread(const std::vector<T>& values) {
    const auto count = static_cast<T>(values.size());
    const T mean = sum(values, [](T value) { return value; }) / count;
    const T squares = sum(values, [&](T value) { return (value - mean) * (value - mean); });
    const T left = sum(values, [&](T value) { return value - mean; });
    const T around = squares - left * left / count;
    return {mean, around / count, around / (count - 1)};
  }
  template <class T>
  static T output(T value, T mean, T inverse, T weight, T bias) {
    return (value - mean) * inverse * weight + bias;
  }
};

}  // namespace

int refloop_batch_norm2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}

// says: four lanes of Welford's, merged as on a GPU
// source: Chan, Golub, LeVeque, Am. Stat. 37 (1983) 242
// verdict: EXACT
// declares: welford
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T>
  static Spread<T> spread(const std::vector<T>& values) {
    struct Part {
      T count = 0, mean = 0, squares = 0;
    } parts[4];
    for (std::size_t at = 0; at < values.size(); ++at) {
      Part& part = parts[at % 4];
      part.count += 1;
      const T distance = values[at] - part.mean;
      part.mean += distance / part.count;
      part.squares += distance * (values[at] - part.mean);
    }
    Part& whole = parts[0];
    for (const std::size_t at : {1, 2, 3}) {
      const Part& other = parts[at];
      if (other.count == 0) continue;
      const T count = whole.count + other.count, distance = other.mean - whole.mean, share = other.count / count;
      whole = {count, whole.mean + distance * share,
               whole.squares + other.squares + distance * distance * whole.count * share};
    }
    return {whole.mean, whole.squares / whole.count, whole.squares / (whole.count - 1)};
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

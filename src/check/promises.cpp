// Whether a subject sums in the order that it promises: a trial on random floats, whose outcome is a plain value.
#include "check/dispatch.h"
#include "refloop/check.h"

namespace refloop {
namespace {

/// What sums cases of the family in another order than promised.
std::set<std::string> broken_promises(const Family& family, const Subject& subject, const SummedBy& summed_by) {
  constexpr std::uint64_t trials = 200;
  std::set<std::string> broken;
  for (std::uint64_t index = 0; index < trials; ++index) {
    Case c = sample(family, 0, index);
    c.data = Data::real;
    for (const DType dtype : {DType::f32, DType::f64}) {
      c.dtype = dtype;
      if (subject.order(c) == nullptr || family.all_orders_agree(c)) continue;
      const std::string name = summed_by(c);
      if (!name.empty() && !broken.contains(name) && fails(judge(c, subject).verdict)) broken.insert(name);
    }
  }
  return broken;
}

}  // namespace

bool keeps_order(const Family& family, const Subject& subject) {
  return broken_promises(family, subject, by_operator).empty();
}

std::set<std::string> broken_promises(const Subject& subject, const SummedBy& summed_by) {
  std::set<std::string> broken;
  for (const Family* family : families) broken.merge(broken_promises(*family, subject, summed_by));
  return broken;
}

Subject without_promises(const Subject& subject, const std::set<std::string>& broken, const SummedBy& summed_by) {
  Subject cut = subject;
  cut.order = [order = subject.order, broken, summed_by](const Case& c) {
    return broken.contains(summed_by(c)) ? nullptr : order(c);
  };
  return cut;
}

}  // namespace refloop

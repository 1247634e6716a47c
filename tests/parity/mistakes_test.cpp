// Every known mistake is caught with LibTorch as the judge: some sweep case tells its bits from LibTorch's. Includes no
// torch.
#include <gtest/gtest.h>

#include <map>

#include "parity/sweep_cases.h"

namespace refloop::parity {
namespace {

struct Judged {
  Case judged;
  std::uint64_t bits;  // of LibTorch's output
};

/// The sweep cases whose bits are promised by LibTorch to kernels that sum in the loops' own order.
const std::vector<Judged>& judged_by_libtorch(const Family& family) {
  static std::map<const Family*, std::vector<Judged>> known;
  const auto [entry, is_new] = known.try_emplace(&family);
  if (!is_new) return entry->second;
  const Subject& native = subject("native");
  for (const Case& c : sweep_cases(family, [](const Case&) { return true; })) {
    const bool any_order = family.all_orders_agree(c);
    if (!any_order && (!not_asserted(c).empty() || native.order(c) != contract(c))) continue;
    const Result result = judge(c, native);
    if (result.verdict == Verdict::exact) entry->second.push_back({c, result.bits});
  }
  return entry->second;
}

/// Whether some case of a type that LibTorch refuses tells the mistake from the loops.
bool told_where_libtorch_refuses(const Family& family, const Subject& wrong) {
  const auto cases = sweep_cases(family, [](const Case& c) {
    const bool refused_for_its_indices = c.indices && c.before != c.after;
    return c.dtype != DType::f32 && c.dtype != DType::f64 && !refused_for_its_indices;
  });
  return std::any_of(cases.begin(), cases.end(), [&](const Case& c) {
    return judge(c, subject("native")).verdict == Verdict::skipped && fails(judge(c, wrong).verdict);
  });
}

struct Known {
  const Family* family;
  const Way* mistake;
};

void PrintTo(const Known& known, std::ostream* out) {
  *out << known.mistake->says;
}

std::vector<Known> every_mistake() {
  std::vector<Known> all;
  for (const Family* family : families) {
    for (const Way& mistake : family->mistakes) all.push_back({family, &mistake});
  }
  return all;
}

class KnownMistake : public testing::TestWithParam<Known> {};

TEST_P(KnownMistake, IsToldFromLibTorch) {
  const auto& [family, mistake] = GetParam();
  const Subject wrong = wrong_kernel(*mistake);
  const auto& cases = judged_by_libtorch(*family);
  const bool caught = std::any_of(cases.begin(), cases.end(), [&, family = family](const Judged& each) {
    return digest(wrong.run(each.judged, family->inputs(each.judged)).outputs) != each.bits;
  });
  if (!caught && told_where_libtorch_refuses(*family, wrong)) {
    GTEST_SKIP() << "the loops tell it on integer types, which this LibTorch refuses";
  }
  EXPECT_TRUE(caught) << "all " << cases.size() << " cases give LibTorch's bits";
}

std::string mistake_name(const testing::TestParamInfo<Known>& known) {
  return std::string(known.param.family->name) + "_" + std::string(known.param.mistake->name);
}

INSTANTIATE_TEST_SUITE_P(Of, KnownMistake, testing::ValuesIn(every_mistake()), mistake_name);

}  // namespace
}  // namespace refloop::parity

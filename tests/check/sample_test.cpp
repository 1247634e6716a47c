// Random cases: legal, small, able to tell, the same everywhere, and over the whole range of every setting.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "check/subjects.h"

namespace refloop {
namespace {

class SampleOfEveryFamily : public testing::TestWithParam<const Family*> {};
INSTANTIATE_TEST_SUITE_P(All, SampleOfEveryFamily, testing::ValuesIn(families),
                         [](const auto& named) { return std::string(named.param->name); });

TEST_P(SampleOfEveryFamily, IsLegalSmallAndAbleToTell) {
  for (std::uint64_t index = 0; index < 5'000; ++index) {
    const Case c = sample(*GetParam(), 71, index);
    ASSERT_EQ(complaint([&] { c.family->check(c); }), "") << to_text(c);
    ASSERT_LE(c.family->work(c), 40'000) << to_text(c);
    const auto outputs = run_loops(c, Order::contiguous, c.family->inputs(c));
    ASSERT_FALSE(tells_little(outputs[0])) << to_text(c);
    ASSERT_GT(outputs[0].size(), 0) << to_text(c);
  }
}

TEST_P(SampleOfEveryFamily, FollowsFromSeedAndNumberAlone) {
  std::set<std::string> texts;
  for (std::uint64_t index = 1'000; index-- > 0;) {
    const Case c = sample(*GetParam(), 72, index);
    ASSERT_EQ(sample(*GetParam(), 72, index), c);
    texts.insert(to_text(c));
    texts.insert(to_text(sample(*GetParam(), 73, index)));
  }
  EXPECT_GT(texts.size(), 1'990u) << "other numbers and other seeds are other cases";
}

TEST_P(SampleOfEveryFamily, CoversEveryValueOfEveryField) {
  std::map<std::string, std::set<Index>> seen;
  std::set<Index> dims;
  std::set<DType> dtypes;
  std::set<Data> data;
  std::set<Layout> layouts;
  for (std::uint64_t index = 0; index < 10'000; ++index) {
    const Case c = sample(*GetParam(), 74, index);
    dims.insert(c.dims);
    dtypes.insert(c.dtype);
    data.insert(c.data);
    layouts.insert(c.layout);
    for (const Field& field : GetParam()->fields) {
      const std::string key(field.key);
      if (const auto* number = std::get_if<Index Case::*>(&field.at)) {
        seen[key].insert(c.**number);
      } else if (const auto* flag = std::get_if<bool Case::*>(&field.at)) {
        seen[key].insert(c.**flag ? 1 : 0);
      } else if (const auto* axes = std::get_if<Axes Case::*>(&field.at)) {
        for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
          seen[key + " of axis " + std::to_string(axis)].insert((c.**axes)[axis]);
        }
      }
    }
  }
  EXPECT_EQ(dims.size(), 3u);
  EXPECT_EQ(dtypes.size(), GetParam()->dtypes.size());
  EXPECT_EQ(data.size(), 5u);
  EXPECT_EQ(layouts.size(), 3u);
  const auto expect_all = [&](const std::string& key, Index least, Index most) {
    for (Index value = least; value <= most; ++value) EXPECT_TRUE(seen[key].contains(value)) << key << " " << value;
  };
  for (const Field& field : GetParam()->fields) {
    const std::string key(field.key);
    if (std::holds_alternative<Index Case::*>(field.at)) expect_all(key, std::max<Index>(field.least, 1), field.most);
    if (std::holds_alternative<bool Case::*>(field.at)) expect_all(key, 0, 1);
    if (!std::holds_alternative<Axes Case::*>(field.at)) continue;
    for (int axis = 0; axis < 3; ++axis) expect_all(key + " of axis " + std::to_string(axis), field.least, field.most);
  }
}

}  // namespace
}  // namespace refloop

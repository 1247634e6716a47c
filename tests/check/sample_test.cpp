// Random cases: legal, small, able to tell, the same everywhere, and over the whole range of every setting.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "check/common_fields.h"
#include "check/subjects.h"

namespace refloop {
namespace {

class SampleOfEveryFamily : public testing::TestWithParam<const Family*> {};
INSTANTIATE_TEST_SUITE_P(All, SampleOfEveryFamily, testing::ValuesIn(families),
                         [](const auto& named) { return std::string(named.param->name); });

TEST_P(SampleOfEveryFamily, IsLegalSmallAndAbleToTell) {
  for (std::uint64_t index = 0; index < 5'000; ++index) {
    const Case c = sample(*GetParam(), 71, index);
    ASSERT_EQ(complaint([&] { c.family->legal(c); }), "") << to_text(c);
    ASSERT_LE(c.family->work(c), 40'000) << to_text(c);
    const auto outputs = outputs_of(*contract(c), c, c.family->inputs(c));
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

TEST(Sample, IsAsItsPatternSays) {
  for (const char* text :
       {"conv2d_k3_s1_p1_q1_nobias_dense_f32", "conv1d_g4_bias_channelslast", "batch_norm1d_flat_train",
        "avg_pool3d_ceil_excludepad_f64_real", "conv2d_xslice_woffset3"}) {
    const Pattern pattern = parse_pattern(text);
    std::set<std::string> drawn;
    for (std::uint64_t index = 0; index < 200; ++index) {
      const Case c = sample(pattern, 3, index).subject_case();
      ASSERT_TRUE(pattern.matches(c)) << to_text(c) << " is not like " << text;
      drawn.insert(to_text(c));
    }
    EXPECT_GT(drawn.size(), 150u) << text;
  }
  EXPECT_NE(complaint([] { sample(parse_pattern("conv2d_i3_k7_p0_q0"), 1, 1); }), "");
}

TEST(Sample, DrawsSeedsToo) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t index = 0; index < 300; ++index) seeds.insert(sample(family::conv, 2, index).seed);
  EXPECT_GT(seeds.size(), 200u);
}

TEST(Sample, DrawsWhatPeopleRun) {
  int square = 0, three_by_three = 0;
  constexpr int cases = 5'000;
  for (std::uint64_t index = 0; index < cases; ++index) {
    const Case c = sample(family::conv, 9, index);
    const Index k = c.kernel[0];
    bool same = k % 2 == 1;
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
      same = same && c.kernel[axis] == k && c.before[axis] == k / 2 && c.after[axis] == k / 2;
    }
    square += same;
    three_by_three += c.dims == 2 && k == 3 && c.kernel[1] == 3 && c.stride[0] == 1 && c.stride[1] == 1;
  }
  EXPECT_GE(square, cases / 4);
  EXPECT_GE(three_by_three, cases / 20);
}

/// The numbers behind a key as they are written, one per axis; one for all axes counts for each.
std::vector<Index> numbers_of(std::string_view written, std::string_view key, std::size_t axes) {
  std::vector<Index> numbers;
  for (std::string_view rest = written.substr(key.size() + 1); !rest.empty();) {
    const auto end = rest.find('x');
    numbers.push_back(std::stoll(std::string(rest.substr(0, end))));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  if (numbers.size() == 1) numbers.resize(axes, numbers[0]);
  return numbers;
}

/// Every value on every axis; the one that is left out of a text counts where the setting is absent somewhere.
TEST_P(SampleOfEveryFamily, CoversEveryValueOfEveryField) {
  std::map<std::string, std::set<std::string>> texts;
  std::map<std::string, std::array<std::set<Index>, 3>> seen;
  std::set<Index> dims;
  std::set<DType> dtypes;
  std::set<Data> data;
  std::set<Layout> layouts;
  for (std::uint64_t index = 0; index < 10'000; ++index) {
    const Case c = sample(*GetParam(), 74, index);
    dims.insert(std::max(c.dims, 1));
    dtypes.insert(c.dtype);
    data.insert(c.data);
    layouts.insert(c.x.layout);
    for (const Field& field : GetParam()->fields) {
      const std::string written = field.kind->write(field, c);
      texts[std::string(field.key)].insert(written);
      if (field.most == 0 || written.empty() || field.kind == weight_offset.kind) continue;
      const auto numbers = numbers_of(written, field.key, static_cast<std::size_t>(std::max(c.dims, 1)));
      for (std::size_t axis = 0; axis < numbers.size(); ++axis)
        seen[std::string(field.key)][axis].insert(numbers[axis]);
    }
  }
  EXPECT_EQ(dims.size(), 3u);
  EXPECT_EQ(dtypes.size(), GetParam()->dtypes.size());
  EXPECT_EQ(data.size(), std::size(data_terms));
  EXPECT_EQ(layouts.size(), std::size(layout_terms));
  for (const Field& field : GetParam()->fields) {
    const std::string key(field.key);
    EXPECT_GE(texts[key].size(), 2u) << key << " never varies";
    if (field.most == 0 || field.kind == weight_offset.kind) continue;
    for (const auto& values : seen[key]) {
      std::set<Index> missing;
      for (Index value = std::max<Index>(field.least, 1); value <= field.most; ++value) {
        if (!values.contains(value)) missing.insert(value);
      }
      EXPECT_LE(missing.size(), texts[key].contains("") ? 1u : 0u) << key << " " << testing::PrintToString(missing);
    }
  }
}

}  // namespace
}  // namespace refloop

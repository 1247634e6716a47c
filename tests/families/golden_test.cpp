// Frozen digests: the same text gives the same inputs and the same outputs, on every machine and compiler.
//
// tests/golden/ has one file per family, each line `CASE inputs-digest outputs-digest`. Where a change of data or loops
// is meant (then data_version grows), or a family is new, this writes them anew:
//
//   REFLOOP_WRITE_GOLDEN=1 build/tests/refloop_families_tests --gtest_filter='*Golden*'
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <set>
#include <sstream>

#include "check/subjects.h"

namespace refloop {
namespace {

std::string golden_line(const Case& c) {
  const auto inputs = c.family->inputs(c);
  const auto outputs = outputs_of(*promised_order(c), c, inputs);
  std::ostringstream line;
  line << to_text(c) << std::hex << std::setfill('0') << ' ' << std::setw(16) << digest(inputs) << ' ' << std::setw(16)
       << digest(outputs);
  return line.str();
}

constexpr std::initializer_list<Data> all_data = {Data::integer, Data::wide,    Data::real,
                                                  Data::wild,    Data::special, Data::coded};
constexpr std::initializer_list<Layout> all_layouts = {Layout::dense, Layout::channels_last, Layout::strided};

/// What a line is about, but for its geometry.
std::string kind_of(const Case& c) {
  return std::string(to_text(c.data)) + " " + std::string(to_text(c.dtype)) + " " + std::to_string(c.dims) + "d";
}

/// A sampled geometry per number of axes and layout, in every dtype and kind of data.
std::vector<Case> golden_cases(const Family& family) {
  std::vector<Case> cases;
  for (const Layout layout : all_layouts) {
    std::set<int> dims_seen;
    for (std::uint64_t index = 0; dims_seen.size() < 3; ++index) {
      Case c = sample(family, 31 + static_cast<std::uint64_t>(layout), index);
      if (!dims_seen.insert(c.dims).second) continue;
      set_layout(c, layout);
      c.x.offset = c.w.offset = c.y.offset = 0;
      for (const DType dtype : family.dtypes) {
        for (const Data data : all_data) {
          c.dtype = dtype;
          c.data = data;
          cases.push_back(c);
        }
      }
    }
  }
  return cases;
}

class Golden : public testing::TestWithParam<const Family*> {
 protected:
  std::string path() const { return REFLOOP_GOLDEN "/" + std::string(GetParam()->name) + ".txt"; }
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::ifstream file(path());
    for (std::string line; std::getline(file, line);) all.push_back(line);
    return all;
  }
};

TEST_P(Golden, DigestsAreThoseOnFile) {
  if (std::getenv("REFLOOP_WRITE_GOLDEN") != nullptr) {
    std::ofstream file(path());
    for (const Case& c : golden_cases(*GetParam())) file << golden_line(c) << '\n';
  }
  std::ostringstream differing;
  int count = 0;
  for (const std::string& line : lines()) {
    const std::string now = golden_line(parse(line.substr(0, line.find(' '))));
    if (now == line) continue;
    ++count;
    differing << "  on file " << line << "\n  now     " << now << "\n";
  }
  EXPECT_EQ(count, 0) << differing.str();
}

TEST_P(Golden, FileHasEveryKindOfDataInEveryType) {
  std::set<std::string> missing;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const DType dtype : GetParam()->dtypes) {
      for (const Data data : all_data) {
        Case c;
        c.dims = dims;
        c.dtype = dtype;
        c.data = data;
        missing.insert(kind_of(c));
      }
    }
  }
  for (const std::string& line : lines()) missing.erase(kind_of(parse(line.substr(0, line.find(' ')))));
  EXPECT_TRUE(missing.empty()) << path() << " has no " << testing::PrintToString(missing)
                               << "; the head of golden_test.cpp tells how to write it";
}

INSTANTIATE_TEST_SUITE_P(All, Golden, testing::ValuesIn(families),
                         [](const auto& named) { return std::string(named.param->name); });

TEST(Digest, CountsSizesTypeEveryBitAndEveryTensor) {
  const auto tensor = [](DType dtype, std::vector<Index> shape) {
    AnyTensor made = make_tensor("t", dtype, std::move(shape));
    set_all(made, 3);
    return made;
  };
  const auto of = [](std::vector<AnyTensor> tensors) { return digest(tensors); };
  const AnyTensor plain = tensor(DType::f32, {2, 3});
  EXPECT_EQ(of({plain}), of({copy(plain)}));
  EXPECT_NE(of({plain}), of({tensor(DType::f32, {3, 2})}));
  EXPECT_NE(of({plain}), of({tensor(DType::f64, {2, 3})}));
  EXPECT_NE(of({plain}), of({plain, plain}));
  EXPECT_NE(of({}), of({plain}));

  AnyTensor changed = copy(plain);
  static_cast<float*>(changed.data)[5] = std::nextafter(3.0F, 4.0F);
  EXPECT_NE(of({plain}), of({changed}));

  AnyTensor zero = tensor(DType::f32, {1});
  set_all(zero, 0.0);
  AnyTensor minus_zero = tensor(DType::f32, {1});
  set_all(minus_zero, -0.0);
  EXPECT_NE(of({zero}), of({minus_zero}));
}

TEST(Digest, TakesAllNansForOneAndSeesNoStrides) {
  AnyTensor dense = make_tensor("t", DType::f64, {2, 3, 4});
  AnyTensor strided = make_tensor("t", DType::f64, {2, 3, 4}, {Layout::strided});
  set_all(dense, std::nan("1"));
  set_all(strided, -std::nan("2"));
  EXPECT_EQ(digest(std::span(&dense, 1)), digest(std::span(&strided, 1)));
}

}  // namespace
}  // namespace refloop

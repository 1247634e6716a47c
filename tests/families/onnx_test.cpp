// Bits that others have kept for years: what ONNX stores as the outputs of its backend tests was computed by PyTorch
// 0.3 and by numpy, and orders known by name give every bit of it. tests/golden/onnx.txt says where it comes from.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "check/orders.h"
#include "check/subjects.h"
#include "check/terms.h"

namespace refloop {
namespace {

struct Stored {
  std::string name;
  Case c;
  std::vector<AnyTensor> inputs, outputs;
};

void read_words(std::istream& words, Outputs tensors) {
  for (const AnyTensor& tensor : tensors) {
    for_each_element<float>(tensor, [&](float& element, Index) {
      std::uint32_t bits = 0;
      words >> std::hex >> bits;
      element = std::bit_cast<float>(bits);
    });
  }
}

std::vector<Stored> stored() {
  std::ifstream file(REFLOOP_GOLDEN "/onnx.txt");
  std::stringstream words;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with('#')) words << line << '\n';
  }
  std::vector<Stored> tests;
  for (std::string name, text; words >> name >> text;) {
    const Case c = parse(text);
    tests.push_back({name, c, c.family->inputs(c), c.family->outputs(c)});
    read_words(words, tests.back().inputs);
    read_words(words, tests.back().outputs);
  }
  return tests;
}

/// Those whose names begin so.
std::vector<Stored> stored(std::string_view prefix) {
  std::vector<Stored> tests = stored();
  std::erase_if(tests, [&](const Stored& test) { return !test.name.starts_with(prefix); });
  return tests;
}

/// PyTorch 0.3: a matrix product of the windows, then the bias.
constexpr Way bias_last{.name = "channels_then_taps, in order, the bias last",
                        .says = {},
                        .run = [](const Case& c, const Way&, Tensors in, Outputs out) {
                          float* output = static_cast<float*>(out[0].data);
                          c.family->nests[0].each(c, in, [&](const Terms& terms) {
                            StartLast<InOrder<float>> sum(static_cast<float>(terms.start));
                            for (std::size_t at = 0; at < terms.values.size(); ++at) {
                              sum.add(static_cast<float>(terms.weights[at]), static_cast<float>(terms.values[at]));
                            }
                            *output++ = sum.result();
                          });
                        }};

const Way& named_order(const Family& family, std::string_view name) {
  for (const Way& order : family.orders) {
    if (order.name == name) return order;
  }
  throw Error("no such order");
}

/// What it was computed in.
const Way& order_of(const Stored& test) {
  if (test.c.family == &family::conv) return bias_last;
  const bool is_by_pytorch = test.name.starts_with("test_BatchNorm");
  return named_order(family::batch_norm, is_by_pytorch ? "type_sums_centered" : "type_sums_weight_first");
}

/// Elements with other bits, signs of zero included.
Index differing(const Way& order, const Stored& test) {
  const auto got = outputs_of(order, test.c, test.inputs);
  return compare(test.outputs[0], got[0], {.payloads = true, .zero_signs = true}).differing;
}

/// The first of the family's own orders that gives every bit, else the one that it was computed in.
std::string_view first_order_giving(const Stored& test) {
  for (const Way& order : test.c.family->orders) {
    if (differing(order, test) == 0) return order.name;
  }
  return order_of(test).name;
}

/// The known orders that give every bit of all these tests.
std::set<std::string> orders_giving_all(std::span<const Stored> tests) {
  std::map<std::string, std::size_t> tests_given;
  for (const Stored& test : tests) {
    Prepared prepared(test.c, test.inputs);
    for (const std::string& name : orders_giving(prepared, test.outputs)) ++tests_given[name];
  }
  std::set<std::string> all;
  for (const auto& [name, count] : tests_given) {
    if (count == tests.size()) all.insert(name);
  }
  return all;
}

TEST(Onnx, EveryStoredBitIsThatOfItsOrder) {
  const auto tests = stored();
  EXPECT_EQ(tests.size(), 34);
  for (const Stored& test : tests) EXPECT_EQ(differing(order_of(test), test), 0) << test.name;
}

TEST(Onnx, NoOtherKnownOrderGivesAllConvs) {
  auto orders = orders_giving_all(stored("test_Conv"));
  EXPECT_EQ(orders.erase(std::string(bias_last.name)), 1);
  orders.erase(std::string(bias_last.name) + ", times the reciprocal");  // of 1
  EXPECT_EQ(orders, std::set<std::string>{});
}

TEST(Onnx, OnlyCenteredOrdersGiveAllOfPyTorchsBatchNorms) {
  const auto orders = orders_giving_all(stored("test_BatchNorm"));
  EXPECT_TRUE(orders.contains("type_sums_centered"));
  for (const std::string& name : orders) EXPECT_NE(name.find("centered"), std::string::npos) << name;
}

TEST(Onnx, NoOrderOfPyTorchsBatchNormsGivesNumpys) {
  for (const Stored& test : stored("test_batchnorm")) {
    for (const std::string& name : orders_giving_all(stored("test_BatchNorm"))) {
      EXPECT_GT(differing(named_order(family::batch_norm, name), test), 0) << test.name << " " << name;
    }
  }
}

/// One has two elements, which see little more than padding.
TEST(Onnx, ConvsWithABiasAreNotWhatTheContractGives) {
  std::set<std::string> same;
  Index with_bias = 0;
  for (const Stored& test : stored()) {
    if (!test.c.bias) continue;
    ++with_bias;
    if (differing(*contract(test.c), test) == 0) same.insert(test.name);
  }
  EXPECT_EQ(with_bias, 24);
  EXPECT_EQ(same, std::set<std::string>{"test_Conv1d_pad2size1"});
}

/// Gives what is stored, and computes everything else in the same order.
Subject giving(const Stored& test) {
  return {.name = test.name,
          .run =
              [&test](const Case& c, Tensors in) {
                return Outcome{.outputs = c == test.c ? test.outputs : outputs_of(order_of(test), c, in)};
              },
          .order = no_order};
}

TEST(Onnx, WhatIsStoredIsExactByTheNameOfAnOrder) {
  for (const Stored& test : stored()) {
    Prepared prepared(test.c, test.inputs);
    const Result result = judge(prepared, giving(test));
    EXPECT_EQ(result.verdict, Verdict::exact) << test.name << ": " << result.reason;
    EXPECT_EQ(result.order, first_order_giving(test)) << test.name;
  }
}

}  // namespace
}  // namespace refloop

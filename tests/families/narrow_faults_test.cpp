// Kernels that are wrong in one corner only: each corner is one that the sweeps visit.
#include <gtest/gtest.h>

#include <algorithm>

#include "check/subjects.h"
#include "families/case_tools.h"

namespace refloop {
namespace {

struct NarrowFault {
  const char* name;
  bool (*meets_it)(const Case&);
};
void PrintTo(const NarrowFault& fault, std::ostream* out) {
  *out << fault.name;
}

bool all_axes(const Case& c, Axes Case::*at, Index value) {
  return std::count((c.*at).begin(), (c.*at).begin() + c.dims, value) == c.dims;
}
bool any_axis(const Case& c, Axes Case::*at, Index least) {
  return std::any_of((c.*at).begin(), (c.*at).begin() + c.dims, [&](Index value) { return value >= least; });
}

const NarrowFault faults[] = {
    {"three_by_three_stride_1_padding_1",
     [](const Case& c) {
       return c.dims == 2 && all_axes(c, &Case::kernel, 3) && all_axes(c, &Case::stride, 1) &&
              all_axes(c, &Case::before, 1) && all_axes(c, &Case::dilation, 1);
     }},
    {"batch_above_3", [](const Case& c) { return c.batch > 3; }},
    {"from_64_channels", [](const Case& c) { return c.channels >= 64; }},
    {"from_64_output_channels", [](const Case& c) { return c.out_channels >= 64; }},
    {"from_dilation_4", [](const Case& c) { return any_axis(c, &Case::dilation, 4); }},
    {"from_padding_4", [](const Case& c) { return any_axis(c, &Case::before, 4); }},
    {"from_64_terms_on_an_odd_plane",
     [](const Case& c) {
       return c.channels / c.groups * volume_of(c.kernel, c.dims) > 64 && volume_of(output_sizes(c), c.dims) % 8 != 0;
     }},
    {"from_1000_terms",
     [](const Case& c) { return c.channels / c.groups * volume_of(c.kernel, c.dims) >= 1000 && c.channels < 33'000; }},
    {"from_2000_terms_in_a_plane",
     [](const Case& c) { return c.dims == 2 && c.channels / c.groups * volume_of(c.kernel, c.dims) >= 2000; }},
    {"channel_multiplier_in_a_batch",
     [](const Case& c) {
       return c.groups > 1 && c.groups == c.channels && c.out_channels > c.channels && c.batch > 1;
     }},
    {"from_row_32", [](const Case& c) { return c.dims == 2 && output_sizes(c)[0] > 32; }},
    {"channel_slice_of_input", [](const Case& c) { return c.x.layout == Layout::slice; }},
    {"channel_slice_of_output", [](const Case& c) { return c.y.layout == Layout::slice; }},
    {"storage_before_the_tensor", [](const Case& c) { return c.x.offset > 0; }},
    {"width_224", [](const Case& c) { return c.dims > 0 && c.input[static_cast<std::size_t>(c.dims) - 1] == 224; }},
    {"beyond_16_bits", [](const Case& c) { return any_axis(c, &Case::input, 65'537); }},
};

class NarrowFaults : public testing::TestWithParam<NarrowFault> {};

TEST_P(NarrowFaults, AreCaughtByTheSweepsOfConvolution) {
  const Subject subject = loops_then(GetParam().name, [](const Case& c, auto, Outcome& outcome) {
    if (!GetParam().meets_it(c)) return;
    dispatch(c.dtype, [&]<class T>() {
      T* const last = static_cast<T*>(outcome.outputs[0].data) + memory_span(outcome.outputs[0]) - 1;
      *last = static_cast<T>(*last + T{1});
    });
  });
  for (const Sweep& sweep : family::conv.sweeps()) {
    for (const Case& c : sweep.cases) {
      if (!GetParam().meets_it(c) || !fails(judge(c, subject).verdict)) continue;
      RecordProperty("caught_by", to_text(c));
      std::printf("  %s: caught by %s (%s)\n", GetParam().name, to_text(c).c_str(), std::string(sweep.name).c_str());
      return;
    }
  }
  FAIL() << "no case of the sweeps meets it";
}

INSTANTIATE_TEST_SUITE_P(Conv, NarrowFaults, testing::ValuesIn(faults),
                         [](const auto& named) { return std::string(named.param.name); });

TEST(NarrowFaults, OfTheSecondCallInAProcessAreCaught) {
  int calls = 0;
  const Subject subject = loops_then("second call", [&](const Case&, auto, Outcome& outcome) {
    if (++calls == 2) set_all(outcome.outputs[0], 5);
  });
  const Sweep first = family::conv.sweeps()[0];
  EXPECT_EQ(judge(first.cases[0], subject).verdict, Verdict::exact);
  EXPECT_EQ(judge(first.cases[1], subject).verdict, Verdict::unstable) << "the third call is right again";
}

}  // namespace
}  // namespace refloop

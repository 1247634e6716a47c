// Tensors compared bit for bit; a failure tells the first wrong element and how many differ.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <sstream>

#include "refloop/tensor.h"
#include "refloop/window.h"

namespace refloop {

template <class T, std::size_t Rank>
testing::AssertionResult same_bits(const Tensor<T, Rank>& got, const Tensor<T, Rank>& expected) {
  const auto shown = [](const T& value) { return to_string(Tensor<T, 1>({1}, value)); };
  if (got.extents() != expected.extents()) {
    return testing::AssertionFailure() << "sizes " << to_string(got.extents()) << ", expected "
                                       << to_string(expected.extents());
  }
  std::ostringstream first;
  Index differing = 0;
  for (const auto& at : positions(expected.extents())) {
    if (std::memcmp(&got(at), &expected(at), sizeof(T)) == 0) continue;
    if (differing++ == 0) {
      first << "first at " << testing::PrintToString(at) << ": " << shown(got(at)) << ", expected "
            << shown(expected(at));
    }
  }
  if (differing == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << differing << " of " << expected.size() << " elements differ, " << first.str();
}

}  // namespace refloop

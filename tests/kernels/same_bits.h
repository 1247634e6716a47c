// Tensors compared bit for bit; a failure tells the first wrong element and how many differ.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <sstream>
#include <type_traits>

#include "refloop/tensor.h"
#include "refloop/window.h"

namespace refloop {

template <class T, std::size_t Rank>
testing::AssertionResult same_bits(const Tensor<T, Rank>& got, const Tensor<T, Rank>& expected) {
  if (got.extents() != expected.extents()) {
    return testing::AssertionFailure() << "sizes " << to_string(got.extents()) << ", expected "
                                       << to_string(expected.extents());
  }
  std::ostringstream first;
  first.precision(std::numeric_limits<T>::max_digits10);
  Index differing = 0;
  for (const auto& at : positions(expected.extents())) {
    if (std::memcmp(&got(at), &expected(at), sizeof(T)) == 0) continue;
    if (differing++ == 0) {
      first << "first at " << testing::PrintToString(at) << ": " << +got(at) << ", expected "
            << +expected(at);  // + shows an int8 as a number
    }
  }
  if (differing == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << differing << " of " << expected.size() << " elements differ, " << first.str();
}

template <class T>
requires std::is_arithmetic_v<T> testing::AssertionResult same_bits(T got, T expected) {
  return same_bits(Tensor<T, 1>({1}, got), Tensor<T, 1>({1}, expected));
}

}  // namespace refloop

// Tensors as Python's torch shows them: `tensor([[1, 2], [3, 4]])`, four decimals, 80 columns, and beyond 1,000
// elements only three at each end of an axis. Source: the rules of torch/_tensor_str.py with its default options.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "refloop/case.h"

namespace refloop {

std::string to_string(const AnyTensor& tensor);

/// Prints `TITLE (2x3)`, the tensor as Python's torch shows it, and an empty line.
void print(const AnyTensor& tensor, std::string_view title, std::ostream& out);
void print(const AnyTensor& tensor, std::string_view title = "");

template <class T, std::size_t Rank>
std::string to_string(const Tensor<T, Rank>& tensor) {
  return to_string(borrowed("", tensor));
}
template <class T, std::size_t Rank>
void print(const Tensor<T, Rank>& tensor, std::string_view title, std::ostream& out) {
  print(borrowed("", tensor), title, out);
}
template <class T, std::size_t Rank>
void print(const Tensor<T, Rank>& tensor, std::string_view title = "") {
  print(borrowed("", tensor), title);
}

}  // namespace refloop

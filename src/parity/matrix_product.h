// The matrix product under LibTorch's convolutions: its BLAS's own, or refloop's, which sums in order.
#pragma once

#include <cstdint>
#include <string>

namespace refloop::parity {

/// From here on, for the whole process.
void sum_matrix_products_in_order(bool in_order);
/// How many products of LibTorch's were summed by whom so far: what tells which path really ran.
struct ProductCounts {
  std::uint64_t in_order = 0, by_blas = 0;
};
ProductCounts matrix_product_counts();

/// The file whose matrix product LibTorch came with.
std::string matrix_product_file();

}  // namespace refloop::parity

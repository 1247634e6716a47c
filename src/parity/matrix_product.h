// The matrix product under LibTorch's convolutions: its BLAS's own, or refloop's, which sums in order.
#pragma once

#include <string>

namespace refloop::parity {

/// From here on, for the whole process.
void sum_matrix_products_in_order(bool in_order);

/// The file whose matrix product LibTorch came with.
std::string matrix_product_file();

}  // namespace refloop::parity

// LibTorch calls its BLAS through the dynamic linker, which asks whatever brought LibTorch into the process (the
// module, or a test program) before LibTorch and its libraries. So the four functions at the end stand in the way of
// each matrix product: they pass it on unchanged, or compute it as the reference BLAS does. All else of a convolution
// (which columns are gathered, what is multiplied with what, where the bias goes) stays LibTorch's own.
#include "parity/matrix_product.h"

#include <ATen/Version.h>
#include <dlfcn.h>

#include <atomic>
#include <filesystem>

#include "refloop/error.h"
#include "refloop/tensor.h"

namespace refloop::parity {
namespace {

std::atomic<bool> in_order = false;
std::atomic<std::uint64_t> products_in_order = 0, products_by_blas = 0;

/// Who sums the next product.
bool sums_in_order() {
  ++(in_order ? products_in_order : products_by_blas);
  return in_order;
}

void* from_libtorch(const char* name) {
  static void* const libtorch = [] {
    Dl_info file{};
    dladdr(reinterpret_cast<void*>(&at::show_config), &file);
    return dlopen(file.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  }();
  void* const found = libtorch == nullptr ? nullptr : dlsym(libtorch, name);  // in LibTorch or a library it names
  if (found == nullptr) throw Error(std::string("LibTorch has no ") + name);
  return found;
}

/// A matrix by columns, as Fortran has it.
template <class T>
struct Matrix {
  T* elements;
  Index column_step;
  bool turned = false;

  T& operator()(Index row, Index column) const {
    return turned ? elements[column + row * column_step] : elements[row + column * column_step];
  }
};

/// c = alpha * a * b + beta * c. As in the reference BLAS, the sum begins with what c holds, but where a is turned
/// round it begins with 0, and c comes last.
template <class T>
void multiply(Index rows, Index columns, Index depth, T alpha, Matrix<const T> a, Matrix<const T> b, T beta,
              Matrix<T> c) {
  for (Index column = 0; column < columns; ++column) {
    for (Index row = 0; row < rows; ++row) {
      const T held = beta == 0 ? T{0} : beta * c(row, column);
      T sum = a.turned ? T{0} : held;
      for (Index k = 0; k < depth; ++k) {
        sum += a.turned ? a(row, k) * b(k, column) : a(row, k) * (alpha * b(k, column));
      }
      c(row, column) = !a.turned ? sum : beta == 0 ? alpha * sum : alpha * sum + held;
    }
  }
}

template <class T>
using Gemm = void(const char* turn_a, const char* turn_b, const int* rows, const int* columns, const int* depth,
                  const T* alpha, const T* a, const int* a_step, const T* b, const int* b_step, const T* beta, T* c,
                  const int* c_step);

bool is_turned(char letter) {
  return letter != 'n' && letter != 'N';
}

template <class T>
void gemm(Gemm<T>* original, const char* turn_a, const char* turn_b, const int* rows, const int* columns,
          const int* depth, const T* alpha, const T* a, const int* a_step, const T* b, const int* b_step, const T* beta,
          T* c, const int* c_step) {
  if (!sums_in_order()) {
    return original(turn_a, turn_b, rows, columns, depth, alpha, a, a_step, b, b_step, beta, c, c_step);
  }
  multiply<T>(*rows, *columns, *depth, *alpha, {a, *a_step, is_turned(*turn_a)}, {b, *b_step, is_turned(*turn_b)},
              *beta, {c, *c_step});
}

// MKL's: groups of products of one shape each. LibTorch has its matrices by columns here too.
using Flag = int;  // an enumeration of CBLAS
constexpr Flag not_turned = 111;

template <class T>
using GemmBatch = void(Flag by_columns, const Flag* turn_a, const Flag* turn_b, const int* rows, const int* columns,
                       const int* depth, const T* alpha, const T** a, const int* a_step, const T** b, const int* b_step,
                       const T* beta, T** c, const int* c_step, int groups, const int* group_sizes);

template <class T>
void gemm_batch(GemmBatch<T>* original, Flag by_columns, const Flag* turn_a, const Flag* turn_b, const int* rows,
                const int* columns, const int* depth, const T* alpha, const T** a, const int* a_step, const T** b,
                const int* b_step, const T* beta, T** c, const int* c_step, int groups, const int* group_sizes) {
  if (!sums_in_order()) {
    return original(by_columns, turn_a, turn_b, rows, columns, depth, alpha, a, a_step, b, b_step, beta, c, c_step,
                    groups, group_sizes);
  }
  for (int group = 0, product = 0; group < groups; ++group) {
    for (int number = 0; number < group_sizes[group]; ++number, ++product) {
      multiply<T>(rows[group], columns[group], depth[group], alpha[group],
                  {a[product], a_step[group], turn_a[group] != not_turned},
                  {b[product], b_step[group], turn_b[group] != not_turned}, beta[group], {c[product], c_step[group]});
    }
  }
}

template <class Function>
Function* original(const char* name) {
  return reinterpret_cast<Function*>(from_libtorch(name));
}

}  // namespace

ProductCounts matrix_product_counts() {
  return {products_in_order, products_by_blas};
}

void sum_matrix_products_in_order(bool whether) {
  in_order = whether;
}

std::string matrix_product_file() {
  Dl_info found{};
  if (dladdr(from_libtorch("sgemm_"), &found) == 0) return "a file without a name";
  return std::filesystem::weakly_canonical(found.dli_fname).string();
}

}  // namespace refloop::parity

#define REFLOOP_GEMM(NAME, T)                                                                                         \
  extern "C" void NAME(const char* turn_a, const char* turn_b, const int* rows, const int* columns, const int* depth, \
                       const T* alpha, const T* a, const int* a_step, const T* b, const int* b_step, const T* beta,   \
                       T* c, const int* c_step) {                                                                     \
    static auto* const original = refloop::parity::original<refloop::parity::Gemm<T>>(#NAME);                         \
    refloop::parity::gemm<T>(original, turn_a, turn_b, rows, columns, depth, alpha, a, a_step, b, b_step, beta, c,    \
                             c_step);                                                                                 \
  }
#define REFLOOP_GEMM_BATCH(NAME, T)                                                                                 \
  extern "C" void NAME(int by_columns, const int* turn_a, const int* turn_b, const int* rows, const int* columns,   \
                       const int* depth, const T* alpha, const T** a, const int* a_step, const T** b,               \
                       const int* b_step, const T* beta, T** c, const int* c_step, int groups, const int* sizes) {  \
    static auto* const original = refloop::parity::original<refloop::parity::GemmBatch<T>>(#NAME);                  \
    refloop::parity::gemm_batch<T>(original, by_columns, turn_a, turn_b, rows, columns, depth, alpha, a, a_step, b, \
                                   b_step, beta, c, c_step, groups, sizes);                                         \
  }

REFLOOP_GEMM(sgemm_, float)
REFLOOP_GEMM(dgemm_, double)
REFLOOP_GEMM_BATCH(cblas_sgemm_batch, float)
REFLOOP_GEMM_BATCH(cblas_dgemm_batch, double)

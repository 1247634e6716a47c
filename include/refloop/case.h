// A case: one line of text that names an operator, its settings, the memory, the element type, the data and the seed.
//
//   conv2d_n2_c8_i17x19_o12_k3_s2x1_p1x0_d1x2_g4_bias_f32_integer_seed7
//
// `parse` reads it, `to_text` writes it in one canonical form, and `parse(to_text(c)) == c` for every legal case.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "refloop/tensor.h"

namespace refloop {

/// A word of refloop's, and what it means: the tables behind texts, reports and help.
struct Term {
  std::string_view name, says;
};

/// The term of a value of an enumeration, whose table is in the order of its enumerators.
template <class Enum, std::size_t Size>
constexpr std::string_view name_in(const Term (&terms)[Size], Enum value) {
  return terms[static_cast<std::size_t>(value)].name;
}

// ---- element types ----

enum class DType : std::uint8_t { f64, f32, int64, int32, int16, int8, uint8 };

template <class... T>
struct Types {};
/// The one list of element types, in the order of DType.
using Elements = Types<double, float, std::int64_t, std::int32_t, std::int16_t, std::int8_t, std::uint8_t>;

inline constexpr Term dtype_terms[] = {{"f64", "double"},
                                       {"f32", "float"},
                                       {"int64", "whole numbers of 64 bits with sign"},
                                       {"int32", "of 32 bits"},
                                       {"int16", "of 16 bits"},
                                       {"int8", "of 8 bits"},
                                       {"uint8", "of 8 bits without sign"}};

template <class T>
inline constexpr DType dtype_of = []<class... Each>(Types<Each...>) {
  static_assert(sizeof...(Each) == std::size(dtype_terms));
  static_assert(sizeof...(Each) == static_cast<std::size_t>(DType::uint8) + 1);
  static_assert((std::is_same_v<T, Each> || ...), "refloop has no such element type");
  std::size_t at = 0, found = 0;
  ((found = std::is_same_v<T, Each> ? at : found, ++at), ...);
  return static_cast<DType>(found);
}(Elements{});

// ---- what else every operator's text says ----

enum class Layout : std::uint8_t { dense, channels_last, strided, slice, transposed };
inline constexpr Term layout_terms[] = {
    {"dense", "without gaps, last axis innermost; what is meant where nothing is said"},
    {"channelslast", "without gaps, the channels innermost"},
    {"strided", "with gaps: every second element of a row, and one unused after each row and plane"},
    {"slice", "cut from a channelslast tensor with more channels than are shown"},
    {"transposed", "without gaps, the last two axes the other way round"}};
static_assert(std::size(layout_terms) == static_cast<std::size_t>(Layout::transposed) + 1);

/// How a tensor lies in memory.
struct Memory {
  Layout layout = Layout::dense;
  Index offset = 0;  // elements before its first

  friend bool operator==(const Memory&, const Memory&) = default;
};

enum class Data : std::uint8_t { integer, wide, real, special, wild, coded };
inline constexpr Term data_terms[] = {
    {"integer", "small whole numbers whose sums are exact in any order; what is meant where nothing is said"},
    {"wide", "few products of numbers that use every significand bit: exact in any order, wrong at once in TF32"},
    {"real", "about normal random numbers, compared where the order of summation is promised"},
    {"special",
     "whole numbers and one NaN, infinity or largest number a window, zeros of both signs, or all subnormal"},
    {"wild",
     "NaN, infinities, signed zeros, subnormals and extremes anywhere among real numbers; wants a promised order"},
    {"coded", "every input its own number and one weight per filter 1: a wrong output names what was read"}};
static_assert(std::size(data_terms) == static_cast<std::size_t>(Data::coded) + 1);

constexpr std::string_view to_text(DType dtype) {
  return name_in(dtype_terms, dtype);
}
constexpr std::string_view to_text(Layout layout) {
  return name_in(layout_terms, layout);
}
constexpr std::string_view to_text(Data data) {
  return name_in(data_terms, data);
}

// ---- tensors whose type and rank are known at run time ----

struct AnyTensor {
  std::string_view name;
  DType dtype{};
  std::vector<Index> shape, strides;  // strides in elements
  std::shared_ptr<void> memory;       // keeps alive what `data` points into
  void* data = nullptr;

  Index size() const { return volume(shape); }

  /// Raises Error where the tensor is of another type or rank. A const tensor gives a view of const elements.
  template <class T, std::size_t Rank>
  TensorView<T, Rank> view() {
    return typed<T, Rank>();
  }
  template <class T, std::size_t Rank>
  TensorView<const std::remove_const_t<T>, Rank> view() const {
    return typed<std::remove_const_t<T>, Rank>();
  }

 private:
  template <class T, std::size_t Rank>
  TensorView<T, Rank> typed() const {
    constexpr DType asked = dtype_of<std::remove_const_t<T>>;
    if (dtype != asked || shape.size() != Rank || strides.size() != Rank) refuse_view(asked, Rank);
    TensorView<T, Rank> view;
    view.data = static_cast<T*>(data);
    for (std::size_t axis = 0; axis < Rank; ++axis) {
      view.extents[axis] = shape[axis];
      view.strides[axis] = strides[axis];
    }
    return view;
  }
  [[noreturn]] void refuse_view(DType asked, std::size_t rank) const;
};

using Tensors = std::span<const AnyTensor>;
using Outputs = std::span<AnyTensor>;

/// The tensor of that name, or null: optional tensors (a bias) are absent from the list.
template <class List>
auto find(List&& tensors, std::string_view name) -> decltype(tensors.data()) {
  for (auto& tensor : tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

/// The same memory; the tensor must outlive it, and is written to only where an operator writes.
template <class T, std::size_t Rank>
AnyTensor borrowed(std::string_view name, const Tensor<T, Rank>& tensor) {
  const auto strides = dense_strides(tensor.extents());
  return {name,
          dtype_of<T>,
          {tensor.extents().begin(), tensor.extents().end()},
          {strides.begin(), strides.end()},
          nullptr,
          const_cast<T*>(tensor.elements().data())};
}

// ---- cases ----

struct Family;

/// One number per spatial axis; the first `dims` count, the others keep Case{}'s value.
using Axes = std::array<Index, 3>;

/// The one element of the input that is not zero, and of the weight where one is named (the bias is zero then): flat,
/// in row-major order.
struct Only {
  Index input = 0;
  std::optional<Index> weight{};

  friend bool operator==(const Only&, const Only&) = default;
};

/// A whole test case in plain values; a family uses what its fields name.
struct Case {
  const Family* family = nullptr;
  int dims = 2;  // spatial axes; 0 is batch norm of N x C
  Index batch = 1, channels = 1, out_channels = 1, groups = 1;
  Axes input{}, kernel{}, stride{1, 1, 1}, before{}, after{}, dilation{1, 1, 1};
  std::optional<Index> divisor{};
  bool bias = false, ceil = false, indices = false, exclude_pad = false, train = false, affine = false, stats = false;
  double momentum = 0.1, eps = 1e-5;
  Memory x, w, y;  // of input, weight and output; without a weight, w is as x where x and y agree
  DType dtype = DType::f32;
  Data data = Data::integer;
  std::optional<Only> only{};  // the other elements are zero; shrinking writes it
  std::uint64_t seed = 0;

  friend bool operator==(const Case&, const Case&) = default;
};

/// Sets the memory of input, weight and output at once.
inline void set_layout(Case& c, Layout layout) {
  c.x.layout = c.w.layout = c.y.layout = layout;
}

/// The case that a text names. Raises Error with the field and what it takes. May be called before `main` begins.
Case parse(std::string_view text);
/// The canonical text: what has its default is left out, but dtype, data and seed always stand.
std::string to_text(const Case& c);

struct Field;
/// A partial text, as `conv2d_k3_s1_f32`: what it says of cases. What is absent from it says nothing; `nobias`,
/// `noceil`, `dense`, `flat` (N x C) and `noq` (padding after as before, whatever that is) say no.
struct Pattern {
  const Family* family = nullptr;
  std::optional<int> dims{};
  struct Says {
    const Field* field;
    std::string token;
  };
  std::vector<Says> says{};

  /// Makes the case say what the pattern says.
  void apply(Case& c) const;
  bool matches(const Case& c) const;
};
/// Raises Error as `parse` does.
Pattern parse_pattern(std::string_view text);

/// conv2d, max_pool3d, ...; N x C is 1d in a text.
std::string operator_name(const Family& family, int dims);
inline std::string operator_name(const Case& c) {
  return operator_name(*c.family, c.dims);
}

}  // namespace refloop

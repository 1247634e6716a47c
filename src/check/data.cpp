#include "check/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <span>
#include <type_traits>

#include "check/wide.h"

namespace refloop {
namespace {

/// Element at row-major position p becomes value(p).
template <class T, class Value>
void assign(AnyTensor& tensor, Value&& value) {
  T* const elements = static_cast<T*>(tensor.data);
  Index position = 0;
  for_each_offset(tensor, [&](Index offset) { elements[offset] = value(position++); });
}

/// Four uniform numbers of `bits` bits, centred: the sum fits the significand, so every step is exact.
template <class T>
inline T real_value(const Draw& draw, Index position) {
  constexpr int bits = std::numeric_limits<T>::digits - 1;
  constexpr Index half = Index{1} << (bits + 1);
  Index sum = -half;
  for (int which = 0; which < 4; ++which) sum += static_cast<Index>(draw(position, which) >> (64 - bits));
  return static_cast<T>(sum) * (T{1} / static_cast<T>(Index{1} << (bits - 1)));
}

// Half of the engine's time would go here. All of it is exact.
REFLOOP_WIDE void real_values(const Draw& draw, Index first, std::span<float> values) {
  for (std::size_t at = 0; at < values.size(); ++at) {
    values[at] = real_value<float>(draw, first + static_cast<Index>(at));
  }
}
REFLOOP_WIDE void real_values(const Draw& draw, Index first, std::span<double> values) {
  for (std::size_t at = 0; at < values.size(); ++at) {
    values[at] = real_value<double>(draw, first + static_cast<Index>(at));
  }
}
template <class T>
void real_values(const Draw& draw, Index first, std::span<T> values) {
  for (T& value : values) value = static_cast<T>(draw(first++));
}

template <class T>
constexpr auto special_values() {
  using Limits = std::numeric_limits<T>;
  if constexpr (!is_integer<T>) {
    return std::array{Limits::quiet_NaN(),
                      Limits::infinity(),
                      -Limits::infinity(),
                      T{0},
                      -T{0},
                      Limits::denorm_min(),
                      -Limits::denorm_min(),
                      Limits::min(),
                      -Limits::min(),
                      Limits::max(),
                      Limits::lowest(),
                      Limits::epsilon(),
                      T{1},
                      T{-1}};
  } else {
    return std::array{Limits::max(), Limits::lowest(), T{0}, T{1}, static_cast<T>(-1)};
  }
}

/// NaNs carry a payload each, so that a copied one can be told from another.
template <class T>
T with_payload(T value, std::uint64_t payload) {
  if constexpr (!is_integer<T>) {
    using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    if (value != value) return std::bit_cast<T>(static_cast<Bits>(std::bit_cast<Bits>(value) | (payload & 0xFFFF)));
  }
  return value;
}

}  // namespace

int significand_bits(DType dtype) {
  return dispatch(dtype, []<class T>() { return std::numeric_limits<T>::digits; });
}

Index exact_limit(DType dtype) {
  return Index{1} << std::min(significand_bits(dtype), 53);
}

bool is_unsigned(DType dtype) {
  return dispatch(dtype, []<class T>() { return !std::numeric_limits<T>::is_signed; });
}

void fill_integers(AnyTensor& tensor, const Case& c, Index largest) {
  const Draw draw(c.seed, tensor.name);
  const bool with_sign = !is_unsigned(tensor.dtype);
  dispatch(tensor.dtype, [&]<class T>() {
    assign<T>(tensor, [&](Index position) {
      const Index magnitude = draw.between(1, largest, position);
      return static_cast<T>(with_sign && (draw(position, 1) & 1) != 0 ? -magnitude : magnitude);
    });
  });
}

void fill_real(AnyTensor& tensor, const Case& c) {
  const Draw draw(c.seed, tensor.name);
  dispatch(tensor.dtype, [&]<class T>() {
    T* const elements = static_cast<T*>(tensor.data);
    if (is_dense(tensor)) return real_values(draw, 0, std::span(elements, static_cast<std::size_t>(tensor.size())));
    std::array<T, 256> values;
    Index position = 0;
    for_each_offset(tensor, [&](Index offset) {
      const std::size_t at = static_cast<std::size_t>(position) % values.size();
      if (at == 0) real_values(draw, position, std::span<T>(values));
      elements[offset] = values[at];
      ++position;
    });
  });
}

void fill_wild(AnyTensor& tensor, const Case& c, Index one_in) {
  fill_real(tensor, c);
  const Draw choice(c.seed + 1, tensor.name);
  dispatch(tensor.dtype, [&]<class T>() {
    constexpr auto specials = special_values<T>();
    T* const elements = static_cast<T*>(tensor.data);
    Index position = -1;
    for_each_offset(tensor, [&](Index offset) {
      if (choice.between(1, one_in, ++position) > 1) return;
      elements[offset] = with_payload(specials[choice(position, 1) % specials.size()], choice(position, 2));
    });
  });
}

Special special_of(const Case& c, Index choices) {
  return static_cast<Special>(Draw(c.seed, "special").between(0, choices - 1, 0));
}

double not_finite(const Draw& draw, Index position, bool plus, bool minus) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  switch (draw.between(0, 3, position)) {
    case 0:
      return plus ? infinity : -infinity;
    case 1:
      return minus ? -infinity : infinity;
    default:  // a float keeps the upper bits of a payload
      return std::bit_cast<double>(std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN()) |
                                   draw(position, 1) >> 48 << 29);
  }
}

void make_subnormal(AnyTensor& tensor, double scale) {
  dispatch(Types<double, float>{}, tensor.dtype, [&]<class T>() {
    T* const elements = static_cast<T*>(tensor.data);
    const T unit = std::numeric_limits<T>::denorm_min() * static_cast<T>(scale);
    for_each_offset(tensor, [&](Index offset) { elements[offset] *= unit; });
  });
}

void put_zeros(AnyTensor& tensor, const Case& c) {
  const Draw draw(c.seed, "zeros");
  dispatch(Types<double, float>{}, tensor.dtype, [&]<class T>() {
    T* const elements = static_cast<T*>(tensor.data);
    Index position = 0;
    for_each_offset(tensor, [&](Index offset) {
      if (draw.between(0, 3, position++) == 0) elements[offset] = 0;
    });
  });
}

void put_signed_zeros(AnyTensor& tensor, const Case& c) {
  const Draw draw(c.seed, "signed zeros");
  dispatch(Types<double, float>{}, tensor.dtype, [&]<class T>() {
    T* const elements = static_cast<T*>(tensor.data);
    Index position = 0;
    for_each_offset(tensor, [&](Index offset) {
      const auto kind = draw.between(0, 3, position++);
      if (kind < 2) elements[offset] = kind == 0 ? T{0} : -T{0};
    });
  });
}

void fill_codes(AnyTensor& tensor, const Case& c) {
  const auto codes = static_cast<std::uint64_t>(exact_limit(tensor.dtype) / 2);
  std::uint64_t range = 1;
  while (range < static_cast<std::uint64_t>(tensor.size()) && range < codes) range *= 2;
  // An odd factor permutes the numbers below a power of two.
  fill(tensor, [&](Index position) {
    return static_cast<Index>((static_cast<std::uint64_t>(position) * golden_gamma + c.seed) % range) + 1;
  });
}

Index wide_value(const Draw& draw, Index position, Index limit, bool with_sign) {
  // Below 4 there is no room between the two set ends.
  const auto top = static_cast<Index>(std::bit_floor(static_cast<std::uint64_t>(std::max<Index>(limit, 1))));
  const Index magnitude = top < 4 ? 1 : (top / 2 + draw.between(0, top / 2 - 1, position)) | 1;
  return with_sign && (draw(position, 1) & 1) != 0 ? -magnitude : magnitude;
}

namespace {

/// Every element but one becomes zero.
void keep_only(AnyTensor& tensor, Index kept) {
  if (kept >= tensor.size()) {
    throw Error(fmt::format("only: {} has {} elements, numbered from 0; there is no element {}", tensor.name,
                            tensor.size(), kept));
  }
  dispatch(tensor.dtype, [&]<class T>() {
    T* const elements = static_cast<T*>(tensor.data);
    Index position = 0;
    for_each_offset(tensor, [&](Index offset) {
      if (position++ != kept) elements[offset] = T{0};
    });
  });
}

}  // namespace

std::vector<AnyTensor> inputs_of(const Case& c) {
  std::vector<AnyTensor> inputs = c.family->inputs(c);
  if (!c.only) return inputs;
  keep_only(inputs[0], c.only->input);
  if (!c.only->weight) return inputs;
  AnyTensor* const weight = find(inputs, "weight");
  if (weight == nullptr) throw Error("only: the case has no weight whose element could be named");
  keep_only(*weight, *c.only->weight);
  if (AnyTensor* const bias = find(inputs, "bias")) fill(*bias, [](Index) { return 0; });
  return inputs;
}

void check_case(const Case& c) {
  c.family->legal(c);
  if (c.only) inputs_of(c);
}

}  // namespace refloop

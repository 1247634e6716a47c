#include "check/tensors.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>

#include "check/dispatch.h"
#include "check/mix.h"
#include "kernels/arguments.h"

namespace refloop {
namespace {

constexpr Index most_elements = Index{1} << 28;

template <class T>
using Bits = std::conditional_t<
    sizeof(T) == 8, std::uint64_t,
    std::conditional_t<sizeof(T) == 4, std::uint32_t, std::conditional_t<sizeof(T) == 2, std::uint16_t, std::uint8_t>>>;

template <class T>
bool is_nan(T value) {
  return value != value;
}

template <class T>
bool same_bits(T a, T b) {
  return std::bit_cast<Bits<T>>(a) == std::bit_cast<Bits<T>>(b);
}

/// How many numbers of the type lie between two, and one; nothing where one of them is not finite.
template <class T>
std::optional<std::uint64_t> ulps_between(T a, T b) {
  if constexpr (!is_integer<T>) {
    if (!std::isfinite(a) || !std::isfinite(b)) return std::nullopt;
    const auto place = [](T value) {  // among all numbers of the type
      const auto bits = static_cast<std::int64_t>(std::bit_cast<Bits<T>>(std::abs(value)));
      return std::signbit(value) ? -bits : bits;
    };
    const std::int64_t first = place(a), second = place(b);
    return first < second ? static_cast<std::uint64_t>(second) - static_cast<std::uint64_t>(first)
                          : static_cast<std::uint64_t>(first) - static_cast<std::uint64_t>(second);
  }
  return std::nullopt;
}

/// Whether the page of an address is there; asked of the system, for it may not be.
bool is_mapped(const void* address) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto start = reinterpret_cast<std::uintptr_t>(address) / page * page;
  return msync(reinterpret_cast<void*>(start), 1, MS_ASYNC) == 0;  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace

void AnyTensor::refuse_view(DType asked, std::size_t rank) const {
  throw Error(fmt::format("{} is {} {}, of rank {}; a view of {} with rank {} can't see it", name, to_string(shape),
                          to_text(dtype), shape.size(), to_text(asked), rank));
}

std::size_t element_size(DType dtype) {
  return dispatch(dtype, []<class T>() { return sizeof(T); });
}

void check_elements(std::string_view name, std::span<const Index> shape) {
  Index size = 1;
  for (const Index extent : shape) {
    const Index factor = std::max<Index>(extent, 1);  // strides grow over an empty axis too
    if (size > most_elements / factor) {
      throw Error(fmt::format("{} of {} has more elements than the {} that a case may have", name, to_string(shape),
                              most_elements));
    }
    size *= factor;
  }
}

std::vector<Index> strides_of(const std::vector<Index>& shape, Layout layout) {
  std::vector<Index> strides = dense_strides(shape);
  const std::size_t rank = shape.size();
  if (rank < 2) return strides;
  const auto channels_innermost = [&](Index channels) {
    strides[1] = 1;
    Index step = channels;
    for (std::size_t axis = rank; axis-- > 2;) {
      strides[axis] = step;
      step *= shape[axis];
    }
    strides[0] = step;
  };
  switch (layout) {
    case Layout::dense:
      break;
    case Layout::channels_last:
      channels_innermost(shape[1]);
      break;
    case Layout::slice:
      channels_innermost(shape[1] + 2);
      break;
    case Layout::transposed:
      strides[rank - 1] = shape[rank - 2];
      strides[rank - 2] = 1;
      break;
    case Layout::strided:
      for (Index step = 2, axis = static_cast<Index>(rank); axis-- > 0;) {
        strides[static_cast<std::size_t>(axis)] = step;
        step = step * shape[static_cast<std::size_t>(axis)] + 1;
      }
      break;
  }
  return strides;
}

namespace {

/// As f64 or f32 a NaN with a payload that no operation produces; as an integer, far from what small data give.
template <class T>
T poison() {
  if constexpr (is_integer<T>) {
    return static_cast<T>(0xFCFCFCFCFCFCFCFCU);
  } else {
    return std::bit_cast<T>(std::bit_cast<Bits<T>>(std::numeric_limits<T>::quiet_NaN()) | Bits<T>{0x2ABC0});
  }
}

/// Aligned to 64 bytes. One plain allocation: glibc's aligned ones cost several times as much.
std::shared_ptr<void> allocate(std::string_view name, std::size_t bytes) {
  constexpr std::size_t alignment = 64;
  try {
    const auto owner = std::make_shared_for_overwrite<std::byte[]>(bytes + alignment);
    void* first = owner.get();
    std::size_t room = bytes + alignment;
    return {owner, std::align(alignment, bytes, first, room)};
  } catch (const std::bad_alloc&) {
    throw Error(fmt::format("{}: no memory for {} bytes", name, bytes));
  }
}

}  // namespace

AnyTensor make_tensor(std::string_view name, DType dtype, std::vector<Index> shape, Memory memory) {
  check_elements(name, shape);
  AnyTensor tensor{name, dtype, std::move(shape), {}, nullptr, nullptr};
  tensor.strides = strides_of(tensor.shape, memory.layout);
  const std::size_t elements = memory_span(tensor) + static_cast<std::size_t>(memory.offset);
  dispatch(dtype, [&]<class T>() {
    tensor.memory = allocate(name, elements * sizeof(T));
    T* const first = static_cast<T*>(tensor.memory.get());
    std::fill_n(first, elements, poison<T>());
    tensor.data = first + memory.offset;
  });
  return tensor;
}

std::size_t memory_span(const AnyTensor& tensor) {
  if (tensor.size() == 0) return 0;
  Index last = 0;
  for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis)
    last += (tensor.shape[axis] - 1) * tensor.strides[axis];
  return static_cast<std::size_t>(last) + 1;
}

std::span<std::byte> whole_memory(const AnyTensor& tensor) {
  auto* const first = static_cast<std::byte*>(tensor.memory.get());
  const auto before = static_cast<std::size_t>(static_cast<std::byte*>(tensor.data) - first);
  return {first, before + memory_span(tensor) * element_size(tensor.dtype)};
}

std::vector<Index> position_in(std::span<const Index> shape, Index number) {
  std::vector<Index> at(shape.size());
  for (std::size_t axis = at.size(); axis-- > 0;) {
    at[axis] = number % shape[axis];
    number /= shape[axis];
  }
  return at;
}

Index offset_of(const AnyTensor& tensor, std::span<const Index> at) {
  Index offset = 0;
  for (std::size_t axis = 0; axis < at.size(); ++axis) offset += at[axis] * tensor.strides[axis];
  return offset;
}

AnyTensor copy(const AnyTensor& tensor) {
  const auto bytes = whole_memory(tensor);
  AnyTensor twin = tensor;
  twin.memory = allocate(tensor.name, bytes.size());
  twin.data = static_cast<std::byte*>(twin.memory.get()) + (static_cast<std::byte*>(tensor.data) - bytes.data());
  std::copy(bytes.begin(), bytes.end(), static_cast<std::byte*>(twin.memory.get()));
  return twin;
}

AnyTensor dense_copy(const AnyTensor& tensor) {
  AnyTensor dense = make_tensor(tensor.name, tensor.dtype, tensor.shape);
  dispatch(tensor.dtype, [&]<class T>() {
    const T* const from = static_cast<const T*>(tensor.data);
    T* const to = static_cast<T*>(dense.data);
    for_each_offset(tensor, dense.strides, [&](Index offset, Index other) { to[other] = from[offset]; });
  });
  return dense;
}

std::vector<double> elements_of(const AnyTensor& tensor) {
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(tensor.size()));
  dispatch(Types<double, float>{}, tensor.dtype, [&]<class T>() {
    const T* const elements = static_cast<const T*>(tensor.data);
    for_each_offset(tensor, [&](Index offset) { values.push_back(static_cast<double>(elements[offset])); });
  });
  return values;
}

Comparison compare(const AnyTensor& expected, const AnyTensor& got, Compare counts) {
  Comparison found;
  found.compared = expected.size();
  if (found.compared == 0) return found;  // an empty tensor may have no memory
  if (is_dense(expected) && is_dense(got) &&
      std::memcmp(expected.data, got.data, static_cast<std::size_t>(found.compared) * element_size(got.dtype)) == 0) {
    return found;
  }
  dispatch(expected.dtype, [&]<class T>() {
    const T* const wanted = static_cast<const T*>(expected.data);
    const T* const actual = static_cast<const T*>(got.data);
    Index number = 0;
    for_each_offset(expected, got.strides, [&](Index offset, Index offset_in_got) {
      const Index row_major_number = number++;
      if (same_bits(wanted[offset], actual[offset_in_got])) return;
      if (!counts.payloads && is_nan(wanted[offset]) && is_nan(actual[offset_in_got])) {
        ++found.payloads;
        return;
      }
      if (!counts.zero_signs && wanted[offset] == T{0} && actual[offset_in_got] == T{0}) {
        ++found.zero_signs;
        return;
      }
      if (const auto ulps = ulps_between(wanted[offset], actual[offset_in_got])) {
        found.most_ulps = std::max(found.most_ulps.value_or(0), *ulps);
      }
      const auto at = position_in(expected.shape, row_major_number);
      if (found.differing++ == 0) {
        found.first = at;
        for (const Index extent : expected.shape) found.touched.emplace_back(extent, false);
      }
      bool on_border = false;
      for (std::size_t axis = 0; axis < at.size(); ++axis) {
        found.touched[axis][static_cast<std::size_t>(at[axis])] = true;
        on_border = on_border || (axis >= 2 && (at[axis] == 0 || at[axis] == expected.shape[axis] - 1));
      }
      found.on_border += on_border;
    });
  });
  return found;
}

std::string unreadable(const AnyTensor& answer) {
  if (static_cast<std::size_t>(answer.dtype) >= std::size(dtype_terms)) return "has no element type";
  if (answer.strides.size() != answer.shape.size()) {
    return fmt::format("has {} strides for {} axes", answer.strides.size(), answer.shape.size());
  }
  if (answer.size() == 0) return {};
  if (answer.data == nullptr) return "has no memory";
  if (is_dense(answer) && answer.memory) return {};
  Index first = 0, last = 0;  // offsets of the outermost elements, in bytes
  const auto bytes = static_cast<Index>(element_size(answer.dtype));
  for (std::size_t axis = 0; axis < answer.shape.size(); ++axis) {
    Index reach = 0;
    const bool wraps = __builtin_mul_overflow(answer.strides[axis], (answer.shape[axis] - 1) * bytes, &reach) ||
                       __builtin_add_overflow(reach < 0 ? first : last, reach, reach < 0 ? &first : &last);
    if (wraps) return fmt::format("has strides {} that leave all memory", to_string(answer.strides));
  }
  auto* const data = static_cast<const char*>(answer.data);
  if (is_mapped(data + first) && is_mapped(data + last + bytes - 1)) return {};
  return fmt::format("has strides {} that lead out of its memory", to_string(answer.strides));
}

std::string decimal(const AnyTensor& tensor, const std::vector<Index>& at) {
  return dispatch(tensor.dtype, [&]<class T>() -> std::string {
    const T value = static_cast<const T*>(tensor.data)[offset_of(tensor, at)];
    if constexpr (is_integer<T>) return std::to_string(value);
    return fmt::format("{}", value);  // the shortest text that reads back as the same number
  });
}

std::string hexadecimal(const AnyTensor& tensor, const std::vector<Index>& at) {
  return dispatch(tensor.dtype, [&]<class T>() {
    const T value = static_cast<const T*>(tensor.data)[offset_of(tensor, at)];
    return fmt::format("0x{:0{}x}", std::bit_cast<Bits<T>>(value), 2 * sizeof(T));
  });
}

bool is_unwritten(const AnyTensor& tensor, const std::vector<Index>& at) {
  return dispatch(tensor.dtype, [&]<class T>() {
    const T value = static_cast<const T*>(tensor.data)[offset_of(tensor, at)];
    return std::bit_cast<Bits<T>>(value) == std::bit_cast<Bits<T>>(poison<T>());
  });
}

bool is_all_zero(const AnyTensor& tensor) {
  return dispatch(tensor.dtype, [&]<class T>() {
    const T* const elements = static_cast<const T*>(tensor.data);
    bool zero = true;
    for_each_offset(tensor, [&](Index offset) { zero = zero && elements[offset] == T{0}; });
    return zero;
  });
}

bool tells_little(const AnyTensor& tensor) {
  return dispatch(tensor.dtype, [&]<class T>() {
    const T* const elements = static_cast<const T*>(tensor.data);
    Index zeros = 0;
    Index nans = 0;
    for_each_offset(tensor, [&](Index offset) {
      zeros += elements[offset] == T{0};
      nans += is_nan(elements[offset]);
    });
    const Index size = tensor.size();
    return size > 0 && (std::max(zeros, nans) * 64 >= size * 63);
  });
}

std::uint64_t digest(Tensors tensors) {
  std::uint64_t state = 0;
  const auto absorb = [&state](std::uint64_t value) { state = mix(state ^ mix(value)); };
  for (const auto& tensor : tensors) {
    absorb(static_cast<std::uint64_t>(tensor.dtype));
    for (const Index extent : tensor.shape) absorb(static_cast<std::uint64_t>(extent));
    dispatch(tensor.dtype, [&]<class T>() {
      const T* const elements = static_cast<const T*>(tensor.data);
      for_each_offset(tensor, [&](Index offset) {
        const T value = is_nan(elements[offset]) ? std::numeric_limits<T>::quiet_NaN() : elements[offset];
        absorb(std::bit_cast<Bits<T>>(value));
      });
    });
  }
  return state;
}

}  // namespace refloop

#include "subjects/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>

#include "check/field.h"
#include "check/tensors.h"

namespace refloop::subjects {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they lie in the file");

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t most_header = 65536, most_axes = 8;

/// NumPy's names of the element types, in the order of DType.
constexpr std::string_view descriptions[] = {"<f8", "<f4", "<i8", "<i4", "<i2", "|i1", "|u1"};
static_assert(std::size(descriptions) == std::size(dtype_terms));

/// What the header says: `{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 8, 8), }`.
struct Header {
  DType dtype{};
  bool is_fortran = false;
  std::vector<Index> shape;
};

[[noreturn]] void refuse_file(const std::string& path, const std::string& sentence) {
  throw Error(fmt::format("{} {}", path, sentence));
}

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

/// What stands behind a key.
std::string_view value_of(const std::string& path, std::string_view header, std::string_view key) {
  const std::size_t at = header.find(fmt::format("'{}'", key));
  const std::string_view rest =
      at == std::string_view::npos ? std::string_view() : without_blanks(header.substr(at + key.size() + 2));
  if (!rest.starts_with(':')) refuse_file(path, fmt::format("is no .npy file: its header says no '{}'", key));
  return without_blanks(rest.substr(1));
}

DType read_dtype(const std::string& path, std::string_view value) {
  const std::string_view said = value.starts_with('\'') ? value.substr(1, value.find('\'', 1) - 1) : value;
  for (std::size_t number = 0; number < std::size(descriptions); ++number) {
    const std::string_view known = descriptions[number];
    const bool is_one_byte = known[0] == '|';  // whose byte order is anybody's
    if (said == known || (is_one_byte && said.size() == 3 && said.substr(1) == known.substr(1)))
      return static_cast<DType>(number);
  }
  refuse_file(path, fmt::format("holds elements of type '{}'; accepted are {} (little-endian)", shown(said),
                                fmt::join(descriptions, " ")));
}

std::vector<Index> read_shape(const std::string& path, std::string_view value) {
  const std::size_t end = value.find(')');
  const std::string_view whole = value.substr(0, end == std::string_view::npos ? end : end + 1);
  const auto bad = [&] { refuse_file(path, fmt::format("has a shape that is none: {}", shown(whole))); };
  std::vector<Index> shape;
  if (!whole.starts_with('(') || end == std::string_view::npos) bad();
  std::string_view rest = without_blanks(whole.substr(1));
  while (!rest.starts_with(')')) {
    Index extent = 0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), extent);
    rest = without_blanks(rest.substr(static_cast<std::size_t>(stop - rest.data())));
    if (error != std::errc{} || extent < 0 || shape.size() == most_axes) bad();
    shape.push_back(extent);
    if (rest.starts_with(',')) {
      rest = without_blanks(rest.substr(1));
    } else if (!rest.starts_with(')')) {
      bad();
    }
  }
  return shape;
}

Header read_header(const std::string& path, std::string_view text) {
  const std::string_view order = value_of(path, text, "fortran_order");
  if (!order.starts_with("True") && !order.starts_with("False"))
    refuse_file(path, fmt::format("is no .npy file: fortran_order is {}", shown(order)));
  return {.dtype = read_dtype(path, value_of(path, text, "descr")),
          .is_fortran = order.starts_with("True"),
          .shape = read_shape(path, value_of(path, text, "shape"))};
}

/// The file up to its elements: the magic, the version, the length of the header and the header.
std::string read_preamble(const std::string& path, std::istream& file) {
  unsigned char begin[12]{};
  const auto bytes = [&](std::size_t from, std::size_t count) {
    file.read(reinterpret_cast<char*>(begin) + from, static_cast<std::streamsize>(count));
  };
  bytes(0, 10);
  if (!file || std::memcmp(begin, magic.data(), magic.size()) != 0)
    refuse_file(path, "is no .npy file: it does not begin as np.save has them begin");
  if (begin[6] < 1 || begin[6] > 2 || begin[7] != 0)
    refuse_file(path, fmt::format("is of .npy format {}.{}; accepted are 1.0 and 2.0", begin[6], begin[7]));
  std::size_t length = begin[8] | static_cast<std::size_t>(begin[9]) << 8;
  if (begin[6] == 2) {
    bytes(10, 2);
    length |= static_cast<std::size_t>(begin[10]) << 16 | static_cast<std::size_t>(begin[11]) << 24;
  }
  if (length > most_header)
    refuse_file(path, fmt::format("has a header of {} bytes; accepted are up to {}", length, most_header));
  std::string header(length, '\0');
  file.read(header.data(), static_cast<std::streamsize>(length));
  if (!file) refuse_file(path, fmt::format("ends within its header, which should have {} bytes", length));
  return header;
}

}  // namespace

AnyTensor read_npy(const std::string& path, std::string_view name) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw Error(fmt::format("there is no file {}", path));
  if (!std::filesystem::is_regular_file(path, error)) refuse_file(path, "is no file of elements");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(fmt::format("can't read {}: {}", path, std::strerror(errno)));
  const Header header = read_header(path, read_preamble(path, file));
  check_elements(path, header.shape);  // what they take fits 64 bits

  const auto first = static_cast<std::uintmax_t>(file.tellg()), size = std::filesystem::file_size(path, error);
  const std::uintmax_t due = static_cast<std::uintmax_t>(volume(header.shape)) * element_size(header.dtype);
  if (error || size < first || size - first != due)
    refuse_file(path, fmt::format("has {} bytes of elements; {} {} take {}", size < first ? 0 : size - first,
                                  to_string(header.shape), to_text(header.dtype), due));
  AnyTensor tensor = make_tensor(name, header.dtype, header.shape);
  file.read(static_cast<char*>(tensor.data), static_cast<std::streamsize>(due));
  if (!file) throw Error(fmt::format("can't read {}: {}", path, std::strerror(errno)));
  if (!header.is_fortran) return tensor;
  std::exclusive_scan(header.shape.begin(), header.shape.end(), tensor.strides.begin(), Index{1}, std::multiplies<>());
  return dense_copy(tensor);
}

void write_npy(const std::string& path, const AnyTensor& tensor) {
  constexpr std::size_t alignment = 64, before_header = 10;
  std::string shape;
  for (const Index extent : tensor.shape) shape += fmt::format("{}{}", shape.empty() ? "" : ", ", extent);
  if (tensor.shape.size() == 1) shape += ',';
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                   descriptions[static_cast<std::size_t>(tensor.dtype)], shape);
  header.append(alignment - (before_header + header.size()) % alignment, ' ');
  header.back() = '\n';
  const auto length = static_cast<std::uint16_t>(header.size());

  const AnyTensor dense = dense_copy(tensor);
  std::ofstream file(path, std::ios::binary);
  file << magic << '\1' << '\0' << static_cast<char>(length & 0xFF) << static_cast<char>(length >> 8) << header;
  file.write(static_cast<const char*>(dense.data),
             static_cast<std::streamsize>(static_cast<std::size_t>(dense.size()) * element_size(dense.dtype)));
  file.close();
  if (!file) throw Error(fmt::format("can't write {}: {}", path, std::strerror(errno)));
}

}  // namespace refloop::subjects

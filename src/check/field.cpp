#include "check/field.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "check/data.h"
#include "kernels/arguments.h"

namespace refloop {

std::optional<std::string_view> value_behind(std::string_view key, std::string_view token) {
  if (!token.starts_with(key)) return std::nullopt;
  const std::string_view rest = token.substr(key.size());
  const bool other_key = !rest.empty() && std::isalpha(static_cast<unsigned char>(rest[0])) != 0;
  return other_key ? std::nullopt : std::optional(rest);
}

std::string shown(std::string_view text, std::size_t most) {
  std::string readable;
  for (const char letter : text.substr(0, most)) {
    const bool printable = letter >= 0x20 && letter < 0x7F;
    readable += printable ? std::string(1, letter) : fmt::format("\\x{:02x}", static_cast<unsigned char>(letter));
  }
  return text.size() > most ? readable + "..." : readable;
}

Index read_index(const Field& field, std::string_view digits) {
  Index value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range) {
    throw Error(fmt::format("{} ({}) takes at most {}, not {}", field.key, field.word, max_setting, shown(digits)));
  }
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    throw Error(fmt::format("{} ({}) takes a whole number, as in {}3, not '{}'", field.key, field.word, field.key,
                            shown(digits)));
  }
  if (value < field.least || value > max_setting) {
    const auto range =
        value < field.least ? fmt::format("{} or more", field.least) : fmt::format("at most {}", max_setting);
    throw Error(fmt::format("{} ({}) takes {}, not {}", field.key, field.word, range, value));
  }
  return value;
}

Axes read_axes(const Field& field, std::string_view value, int dims) {
  std::vector<Index> numbers;
  for (std::string_view rest = value;;) {
    const std::size_t end = rest.find('x');
    numbers.push_back(read_index(field, rest.substr(0, end)));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  const auto axes = static_cast<std::size_t>(dims);
  if (numbers.size() == 1) numbers.resize(axes, numbers[0]);
  if (numbers.size() != axes) {
    throw Error(fmt::format("{} ({}) takes {}, not {}: {}", field.key, field.word,
                            dims == 1 ? "1 number" : fmt::format("1 or {} numbers", dims), numbers.size(),
                            shown(value)));
  }
  Axes all{};
  std::copy(numbers.begin(), numbers.end(), all.begin());
  return all;
}

double read_number(const Field& field, std::string_view value) {
  std::string plain(value);
  std::replace(plain.begin(), plain.end(), 'p', '.');
  std::replace(plain.begin(), plain.end(), 'm', '-');
  double number = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), number);
  if (error != std::errc{} || end != plain.data() + plain.size()) {
    throw Error(
        fmt::format("{} ({}) takes a number written like 0p1 or 1em5, not '{}'", field.key, field.word, shown(value)));
  }
  return number;
}

std::string write_number(double number) {
  std::string text = fmt::format("{}", number);
  if (const auto e = text.find("e-0"); e != std::string::npos) text.erase(e + 2, 1);
  if (const auto e = text.find("e+"); e != std::string::npos) text.erase(e + 1, text[e + 2] == '0' ? 2 : 1);
  std::replace(text.begin(), text.end(), '.', 'p');
  std::replace(text.begin(), text.end(), '-', 'm');
  return text;
}

std::optional<Layout> read_layout(std::string_view token) {
  for (std::size_t number = 0; number < std::size(layout_terms); ++number) {
    if (layout_terms[number].name == token) return static_cast<Layout>(number);
  }
  return std::nullopt;
}

std::uint64_t read_seed(std::string_view value) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seed);
  if (error != std::errc{} || end != value.data() + value.size()) {
    throw Error(fmt::format("seed takes a whole number below 2^64, as in seed7, not '{}'", shown(value)));
  }
  return seed;
}

Only read_only(std::string_view value) {
  const auto number = [&](std::string_view digits) {
    Index element = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), element);
    if (error != std::errc{} || end != digits.data() + digits.size() || element < 0) {
      throw Error(fmt::format("only takes the element of the input and that of the weight, as in only12x3, not '{}'",
                              shown(value)));
    }
    return element;
  };
  const auto between = value.find('x');
  Only only{.input = number(value.substr(0, between))};
  if (between != std::string_view::npos) only.weight = number(value.substr(between + 1));
  return only;
}

std::string write_axes(std::span<const Index> used) {
  const bool alike = std::all_of(used.begin(), used.end(), [&](Index value) { return value == used[0]; });
  return to_string(alike ? used.first(1) : used);
}

bool is_legal(const Case& c) {
  try {
    check_case(c);
    return true;
  } catch (const Error&) {
    return false;
  }
}

void refuse_absence(const Field& field) {
  throw Error(fmt::format("{} ({}) is missing; give it as in {}3", field.key, field.word, field.key));
}

void refuse_value(std::string_view key, std::string_view value) {
  throw Error(fmt::format("{} takes nothing behind it, not '{}'", key, shown(value)));
}

}  // namespace refloop

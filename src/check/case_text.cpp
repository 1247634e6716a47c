// One line of text is a whole case. Tokens are parted by '_'; the operator ends with the first that ends in 1d, 2d, 3d.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "kernels/checks.h"
#include "refloop/check.h"

namespace refloop {
namespace {

constexpr std::string_view dtype_names[] = {"f64", "f32", "int64", "int32", "int16", "int8", "uint8"};
constexpr std::string_view layout_names[] = {"dense", "channelslast", "strided"};
constexpr std::string_view data_names[] = {"integer", "wide", "real", "special", "coded"};
constexpr std::string_view verdict_names[] = {"EXACT",    "BOUNDED", "WEAK", "SKIPPED", "WRONG",
                                              "UNSTABLE", "OUTSIDE", "HUNG", "CRASHED"};

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> tokens;
  while (true) {
    const std::size_t end = text.find('_');
    tokens.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return tokens;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::size_t> position_in(std::span<const std::string_view> names, std::string_view word) {
  const auto found = std::find(names.begin(), names.end(), word);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

/// What somebody typed, for messages: its beginning, with what a terminal can't show as \x0a.
std::string shown(std::string_view text, std::size_t most = 40) {
  std::string readable;
  for (const unsigned char letter : text.substr(0, most)) {
    const bool printable = letter >= 0x20 && letter < 0x7F;
    readable += printable ? std::string(1, static_cast<char>(letter)) : fmt::format("\\x{:02x}", letter);
  }
  return text.size() > most ? readable + "..." : readable;
}

/// The text being read, for messages: `conv2d_k3: k (kernel) takes ...`.
[[noreturn]] void bad(std::string_view text, const std::string& sentence) {
  constexpr std::size_t most = 160;
  throw Error(fmt::format("{}: {}", text.empty() ? "an empty text" : shown(text, most), sentence));
}

std::string operator_list() {
  std::vector<std::string_view> names;
  for (const Family* family : families) names.push_back(family->name);
  return fmt::format("{}, each with 1d, 2d or 3d", fmt::join(names, ", "));
}

std::vector<std::string_view> dtypes_of(const Family& family) {
  std::vector<std::string_view> names;
  for (const DType dtype : family.dtypes) names.push_back(to_text(dtype));
  return names;
}

std::string field_list(const Family& family) {
  std::vector<std::string_view> keys;
  for (const Field& field : family.fields) {
    keys.push_back(field.key);
    if (!field.off.empty()) keys.push_back(field.off);
  }
  return fmt::format("{}, channelslast or strided, {}, {}, seed", fmt::join(keys, " "),
                     fmt::join(dtypes_of(family), " "), fmt::join(data_names, " "));
}

Index read_index(std::string_view text, const Field& field, std::string_view digits) {
  Index value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range) {
    bad(text, fmt::format("{} ({}) takes at most {}, not {}", field.key, field.word, max_setting, shown(digits)));
  }
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    bad(text, fmt::format("{} ({}) takes a whole number, as in {}3, not '{}'", field.key, field.word, field.key,
                          shown(digits)));
  }
  if (value < field.least || value > max_setting) {
    const auto range =
        value < field.least ? fmt::format("{} or more", field.least) : fmt::format("at most {}", max_setting);
    bad(text, fmt::format("{} ({}) takes {}, not {}", field.key, field.word, range, value));
  }
  return value;
}

Axes read_axes(std::string_view text, const Field& field, std::string_view value, int dims) {
  std::vector<Index> numbers;
  for (std::string_view rest = value;;) {
    const std::size_t end = rest.find('x');
    numbers.push_back(read_index(text, field, rest.substr(0, end)));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  const auto axes = static_cast<std::size_t>(dims);
  if (numbers.size() == 1) numbers.resize(axes, numbers[0]);
  if (numbers.size() != axes) {
    bad(text, fmt::format("{} ({}) takes {}, not {}: {}", field.key, field.word,
                          dims == 1 ? "1 number" : fmt::format("1 or {} numbers", dims), numbers.size(), shown(value)));
  }
  Axes all = Case{}.kernel;
  std::copy(numbers.begin(), numbers.end(), all.begin());
  return all;
}

/// Numbers with a point are written with letters: 0p1 is 0.1, 1em5 is 1e-05.
double read_number(std::string_view text, const Field& field, std::string_view value) {
  std::string plain(value);
  std::replace(plain.begin(), plain.end(), 'p', '.');
  std::replace(plain.begin(), plain.end(), 'm', '-');
  double number = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), number);
  if (error != std::errc{} || end != plain.data() + plain.size()) {
    bad(text,
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

/// `3` where all axes agree, else `3x4`.
std::string write_axes(const Axes& axes, int dims) {
  const auto used = std::span(axes).first(static_cast<std::size_t>(dims));
  const bool alike = std::all_of(used.begin(), used.end(), [&](Index value) { return value == used[0]; });
  return join(alike ? used.first(1) : used);
}

/// Where unused axes keep Case{}'s value, equal cases compare equal.
void set_axes(Case& c, Axes Case::*at, const Axes& value) {
  for (int axis = 0; axis < c.dims; ++axis)
    (c.*at)[static_cast<std::size_t>(axis)] = value[static_cast<std::size_t>(axis)];
}

struct Reader {
  std::string_view text;
  Case c;
  std::vector<std::string_view> seen;

  void once(std::string_view what) {
    if (position_in(seen, what)) bad(text, fmt::format("{} is given twice", what));
    seen.push_back(what);
  }

  bool read_word(std::string_view token) {
    if (const auto dtype = position_in(dtype_names, token)) {
      once("dtype");
      c.dtype = static_cast<DType>(*dtype);
    } else if (const auto layout = position_in(layout_names, token)) {
      once("layout");
      c.layout = static_cast<Layout>(*layout);
    } else if (const auto data = position_in(data_names, token)) {
      once("data kind");
      c.data = static_cast<Data>(*data);
    } else {
      return false;
    }
    return true;
  }

  bool read_flag(std::string_view token) {
    for (const Field& field : c.family->fields) {
      if (!std::holds_alternative<bool Case::*>(field.at)) continue;
      if (token != field.key && (field.off.empty() || token != field.off)) continue;
      once(field.key);
      c.*std::get<bool Case::*>(field.at) = token == field.key;
      return true;
    }
    return false;
  }

  bool read_value(std::string_view key, std::string_view value) {
    if (key == "seed") {
      once(key);
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), c.seed);
      if (error != std::errc{} || end != value.data() + value.size()) {
        bad(text, fmt::format("seed takes a whole number below 2^64, as in seed7, not '{}'", shown(value)));
      }
      return true;
    }
    for (const Field& field : c.family->fields) {
      if (field.key != key && (field.off.empty() || field.off != key)) continue;
      if (std::holds_alternative<bool Case::*>(field.at)) {
        bad(text, fmt::format("{} takes nothing behind it, not '{}'", key, shown(value)));
      }
      once(key);
      if (const auto* index = std::get_if<Index Case::*>(&field.at)) {
        c.*(*index) = read_index(text, field, value);
      } else if (const auto* axes = std::get_if<Axes Case::*>(&field.at)) {
        set_axes(c, *axes, read_axes(text, field, value, c.dims));
      } else if (const auto* number = std::get_if<double Case::*>(&field.at)) {
        c.*(*number) = read_number(text, field, value);
      }
      return true;
    }
    return false;
  }

  void read_token(std::string_view token) {
    if (read_word(token) || read_flag(token)) return;
    const auto letters = static_cast<std::size_t>(
        std::find_if_not(token.begin(), token.end(), [](unsigned char letter) { return std::isalpha(letter); }) -
        token.begin());
    if (read_value(token.substr(0, letters), token.substr(letters))) return;
    bad(text, fmt::format("'{}' is no setting of {}{}d, which takes {}", shown(token), c.family->name, c.dims,
                          field_list(*c.family)));
  }

  void complete() {
    for (const Field& field : c.family->fields) {
      const bool given = position_in(seen, field.key).has_value();
      if (field.required && !given) {
        bad(text, fmt::format("{} ({}) is missing; give it as in {}3", field.key, field.word, field.key));
      }
      if (field.same_as != nullptr && !given) set_axes(c, std::get<Axes Case::*>(field.at), c.*field.same_as);
    }
  }
};

/// Reads the operator and takes its tokens off the list.
void read_operator(Reader& reader, std::vector<std::string_view>& tokens) {
  std::string name;
  for (std::size_t used = 0; used < tokens.size(); ++used) {
    std::string_view token = tokens[used];
    if (!name.empty()) name += '_';
    if (token.size() < 2 || token.back() != 'd' || token[token.size() - 2] < '1' || token[token.size() - 2] > '3') {
      name += token;
      continue;
    }
    reader.c.dims = token[token.size() - 2] - '0';
    name += token.substr(0, token.size() - 2);
    for (const Family* family : families) {
      if (family->name == name) reader.c.family = family;
    }
    if (name.empty()) break;
    if (reader.c.family == nullptr) {
      bad(reader.text, fmt::format("there is no operator {}; there are {}", shown(name), operator_list()));
    }
    tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(used) + 1);
    return;
  }
  bad(reader.text, fmt::format("a case starts with its operator, as in conv2d_i6_k3; there are {}", operator_list()));
}

}  // namespace

Case parse(std::string_view text) {
  const auto stray = std::find_if(text.begin(), text.end(),
                                  [](unsigned char letter) { return std::isalnum(letter) == 0 && letter != '_'; });
  if (stray != text.end()) {
    bad(text, fmt::format("'{}' can't stand in a case text; it takes letters, digits and _",
                          shown(std::string_view(&*stray, 1))));
  }
  Reader reader{text, {}, {}};
  auto tokens = split(text);
  if (tokens.size() > 1 && position_in(tokens, "")) {
    bad(text, "there is nothing before the first '_', between two, or behind the last");
  }
  read_operator(reader, tokens);
  for (const auto token : tokens) reader.read_token(token);
  reader.complete();
  const auto taken = dtypes_of(*reader.c.family);
  if (!position_in(taken, to_text(reader.c.dtype))) {
    bad(text,
        fmt::format("{} takes {}, not {}", reader.c.family->name, fmt::join(taken, " "), to_text(reader.c.dtype)));
  }
  try {
    reader.c.family->check(reader.c);
  } catch (const Error& error) {
    const std::string name = fmt::format("{}{}d: ", reader.c.family->name, reader.c.dims);
    const std::string_view says = error.what();
    bad(text, std::string(says.starts_with(name) ? says.substr(name.size()) : says));
  }
  return reader.c;
}

std::string to_text(const Case& c) {
  const Case plain;
  std::string text = fmt::format("{}{}d", c.family->name, c.dims);
  for (const Field& field : c.family->fields) {
    if (const auto* index = std::get_if<Index Case::*>(&field.at)) {
      if (field.required || c.**index != plain.**index) text += fmt::format("_{}{}", field.key, c.**index);
    } else if (const auto* axes = std::get_if<Axes Case::*>(&field.at)) {
      const Axes& usual = field.same_as != nullptr ? c.*field.same_as : plain.**axes;
      const auto used = static_cast<std::size_t>(c.dims);
      const bool unusual = !std::equal(usual.begin(), usual.begin() + c.dims, (c.**axes).begin());
      if (used > 0 && (field.required || unusual))
        text += fmt::format("_{}{}", field.key, write_axes(c.**axes, c.dims));
    } else if (const auto* flag = std::get_if<bool Case::*>(&field.at)) {
      if (c.**flag) text += fmt::format("_{}", field.key);
    } else if (const auto* number = std::get_if<double Case::*>(&field.at)) {
      if (c.**number != plain.**number) text += fmt::format("_{}{}", field.key, write_number(c.**number));
    }
  }
  if (c.layout != Layout::dense) text += fmt::format("_{}", to_text(c.layout));
  return text + fmt::format("_{}_{}_seed{}", to_text(c.dtype), to_text(c.data), c.seed);
}

std::string_view to_text(DType dtype) {
  return dtype_names[static_cast<std::size_t>(dtype)];
}
std::string_view to_text(Layout layout) {
  return layout_names[static_cast<std::size_t>(layout)];
}
std::string_view to_text(Data data) {
  return data_names[static_cast<std::size_t>(data)];
}
std::string_view to_text(Verdict verdict) {
  return verdict_names[static_cast<std::size_t>(verdict)];
}

}  // namespace refloop

// One line of text is a whole case. Tokens are parted by '_'; the operator ends with the first that ends in 1d, 2d, 3d.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "check/common_fields.h"
#include "check/data.h"

namespace refloop {
namespace {

/// The text being read, for messages: `conv2d_k3: k (kernel) takes ...`.
[[noreturn]] void bad(std::string_view text, std::string_view sentence) {
  constexpr std::size_t most = 160;
  throw Error(fmt::format("{}: {}", text.empty() ? "an empty text" : shown(text, most), sentence));
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> tokens;
  while (true) {
    const std::size_t end = text.find('_');
    tokens.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return tokens;
    text.remove_prefix(end + 1);
  }
}

std::string operator_list() {
  std::vector<std::string_view> names;
  for (const Family* family : families) names.push_back(family->name);
  return fmt::format("{}, each with 1d, 2d or 3d", fmt::join(names, ", "));
}

std::string names_of(std::span<const Term> terms) {
  std::vector<std::string_view> names;
  for (const Term& term : terms) names.push_back(term.name);
  return fmt::format("{}", fmt::join(names, " "));
}

std::string dtypes_of(const Family& family) {
  std::vector<std::string_view> names;
  for (const DType dtype : family.dtypes) names.push_back(to_text(dtype));
  return fmt::format("{}", fmt::join(names, " "));
}

std::string field_list(const Family& family) {
  std::vector<std::string_view> keys;
  for (const Field& field : family.fields) {
    keys.push_back(field.key);
    if (!field.off.empty()) keys.push_back(field.off);
  }
  return fmt::format("{}, {} (x or y before it for one tensor), offset, {}, {}, seed", fmt::join(keys, " "),
                     names_of(layout_terms), dtypes_of(family), names_of(data_terms));
}

/// Reads the operator and takes its tokens off the list.
void read_operator(std::string_view text, Case& c, std::vector<std::string_view>& tokens) {
  std::string name;
  for (std::size_t used = 0; used < tokens.size(); ++used) {
    std::string_view token = tokens[used];
    if (!name.empty()) name += '_';
    if (token.size() < 2 || token.back() != 'd' || token[token.size() - 2] < '1' || token[token.size() - 2] > '3') {
      name += token;
      continue;
    }
    c.dims = token[token.size() - 2] - '0';
    name += token.substr(0, token.size() - 2);
    for (const Family* family : families) {
      if (family->name == name) c.family = family;
    }
    if (name.empty()) break;
    if (c.family == nullptr) {
      bad(text, fmt::format("there is no operator {}; there are {}", shown(name), operator_list()));
    }
    tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(used) + 1);
    return;
  }
  bad(text, fmt::format("a case starts with its operator, as in conv2d_i6_k3; there are {}", operator_list()));
}

/// The field that a token is of, and the case with what it says.
const Field& read_token(Case& c, std::string_view token) {
  const Field* found = nullptr;
  for_each_field(*c.family, [&](const Field& field) {
    if (found == nullptr && field.kind->read(field, c, token)) found = &field;
  });
  if (found == nullptr) {
    throw Error(
        fmt::format("'{}' is no setting of {}, which takes {}", shown(token), operator_name(c), field_list(*c.family)));
  }
  return *found;
}

/// Reads every token, what is said of all tensors before what is said of one, and gives their fields.
std::vector<Pattern::Says> read_tokens(Case& c, std::vector<std::string_view> tokens) {
  std::stable_partition(tokens.begin(), tokens.end(), [&](std::string_view token) {
    Case scratch = c;
    return kind::layout_of_all.read(common_fields[0], scratch, token) || token.starts_with("offset");
  });
  std::vector<Pattern::Says> given;
  for (const std::string_view token : tokens) {
    const Field& field = read_token(c, token);
    const bool twice = std::any_of(given.begin(), given.end(), [&](const auto& says) { return says.field == &field; });
    if (twice) throw Error(fmt::format("{} is given twice", field.key));
    given.push_back({&field, std::string(token)});
  }
  return given;
}

void complete(Case& c, std::span<const Pattern::Says> given) {
  for_each_field(*c.family, [&](const Field& field) {
    const bool said = std::any_of(given.begin(), given.end(), [&](const auto& says) { return says.field == &field; });
    if (!said) field.kind->absent(field, c);
  });
  for (const auto& [field, token] : given) field->kind->read(*field, c, token);  // `noq`: as a `p` behind it
  settle_memory(c);
}

void check_dtype(const Case& c) {
  const Family& family = *c.family;
  if (std::find(family.dtypes.begin(), family.dtypes.end(), c.dtype) != family.dtypes.end()) return;
  throw Error(fmt::format("{} takes {}, not {}", family.name, dtypes_of(family), to_text(c.dtype)));
}

/// Calls `read(case, tokens)` with the operator's case and the tokens behind it; what it raises gets the text.
template <class Read>
auto read_text(std::string_view text, Read&& read) {
  const auto stray = std::find_if(text.begin(), text.end(),
                                  [](unsigned char letter) { return std::isalnum(letter) == 0 && letter != '_'; });
  if (stray != text.end()) {
    bad(text, fmt::format("'{}' can't stand in a case text; it takes letters, digits and _",
                          shown(std::string_view(&*stray, 1))));
  }
  auto tokens = split(text);
  if (tokens.size() > 1 && std::find(tokens.begin(), tokens.end(), "") != tokens.end()) {
    bad(text, "there is nothing before the first '_', between two, or behind the last");
  }
  Case c;
  read_operator(text, c, tokens);
  try {
    return read(c, tokens);
  } catch (const Error& error) {
    const std::string name = operator_name(c) + ": ";
    const std::string_view says = error.what();
    bad(text, says.starts_with(name) ? says.substr(name.size()) : says);
  }
}

}  // namespace

Case parse(std::string_view text) {
  return read_text(text, [](Case& c, const std::vector<std::string_view>& tokens) {
    complete(c, read_tokens(c, tokens));
    check_dtype(c);
    check_case(c);
    return c;
  });
}

Pattern parse_pattern(std::string_view text) {
  return read_text(text, [](Case& c, const std::vector<std::string_view>& tokens) {
    const int dims = c.dims;
    auto says = read_tokens(c, tokens);
    check_dtype(c);
    return Pattern{.family = c.family, .dims = dims, .says = std::move(says)};
  });
}

void Pattern::apply(Case& c) const {
  if (dims && std::max(c.dims, 1) != *dims) c.dims = *dims;
  for (const auto& [field, token] : says) {
    if (c.dims == 0 && field->required) c.dims = 1;
    field->kind->read(*field, c, token);
  }
  for (const auto& [field, token] : says) field->kind->read(*field, c, token);  // `noq`: as a `p` behind it
}

bool Pattern::matches(const Case& c) const {
  Case told = c;
  apply(told);
  return c.family == family && told == c;
}

std::string to_text(const Case& c) {
  std::string text = operator_name(c);
  for_each_field(*c.family, [&](const Field& field) { text += field.kind->write(field, c); });
  return text;
}

std::string operator_name(const Family& family, int dims) {
  std::string name(family.name);
  name += static_cast<char>('0' + std::max(dims, 1));
  return name += 'd';
}

}  // namespace refloop

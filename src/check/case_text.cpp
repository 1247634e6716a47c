// One line of text is a whole case. Tokens are parted by '_'; the operator ends with the first that ends in 1d, 2d, 3d.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "check/kinds.h"

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

std::string names_of(std::span<const Term> terms, std::string_view between = " ") {
  std::vector<std::string_view> names;
  for (const Term& term : terms) names.push_back(term.name);
  return fmt::format("{}", fmt::join(names, between));
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
  return fmt::format("{}, {}, {}, {}, seed", fmt::join(keys, " "), names_of(std::span(layout_terms).subspan(1), " or "),
                     dtypes_of(family), names_of(data_terms));
}

/// Calls `visit` for the family's fields and for those of every operator, in the order of the text.
template <class Visit>
void for_each_field(const Family& family, Visit&& visit) {
  for (const Field& field : family.fields) visit(field);
  for (const Field& field : common_fields) visit(field);
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

void read_settings(Case& c, std::span<const std::string_view> tokens) {
  std::vector<const Field*> given;
  const auto was_given = [&](const Field& field) {
    return std::find(given.begin(), given.end(), &field) != given.end();
  };
  for (const std::string_view token : tokens) {
    const Field* found = nullptr;
    for_each_field(*c.family, [&](const Field& field) {
      if (found != nullptr || !field.kind->read(field, c, token)) return;
      if (was_given(field)) throw Error(fmt::format("{} is given twice", field.key));
      found = &field;
    });
    if (found == nullptr) {
      throw Error(fmt::format("'{}' is no setting of {}, which takes {}", shown(token), operator_name(c),
                              field_list(*c.family)));
    }
    given.push_back(found);
  }
  for_each_field(*c.family, [&](const Field& field) {
    if (!was_given(field)) field.kind->absent(field, c);
  });
}

}  // namespace

Case parse(std::string_view text) {
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
    read_settings(c, tokens);
    const Family& family = *c.family;
    if (std::find(family.dtypes.begin(), family.dtypes.end(), c.dtype) == family.dtypes.end()) {
      throw Error(fmt::format("{} takes {}, not {}", family.name, dtypes_of(family), to_text(c.dtype)));
    }
    family.legal(c);
  } catch (const Error& error) {
    const std::string name = operator_name(c) + ": ";
    const std::string_view says = error.what();
    bad(text, says.starts_with(name) ? says.substr(name.size()) : says);
  }
  return c;
}

std::string to_text(const Case& c) {
  std::string text = operator_name(c);
  for_each_field(*c.family, [&](const Field& field) { text += field.kind->write(field, c); });
  return text;
}

std::string operator_name(const Family& family, int dims) {
  return fmt::format("{}{}d", family.name, std::max(dims, 1));
}

}  // namespace refloop

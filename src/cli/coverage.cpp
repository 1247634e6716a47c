#include "cli/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "check/common_fields.h"
#include "check/table.h"
#include "check/variations.h"

namespace refloop::cli {
namespace {

/// The settings that are told apart; how tensors lie is told in two words.
std::string_view word_of(const Field& field) {
  if (!field.of_memory.empty()) return field.of_memory;
  const bool is_told = is_of_the_kernel(field) && field.kind != &kind::word<&Case::dtype, dtype_terms>;
  return is_told && !field.required ? field.word : std::string_view();
}

bool says(const Field& field, const Case& c) {
  return !field.kind->write(field, c).empty();
}

}  // namespace

void Coverage::add(const Result& result) {
  if (result.compared == 0) return;
  const Case& c = result.subject_case;
  auto& counts = counts_[{operator_name(c), std::string(to_text(c.dtype))}];
  ++counts[""];
  for_each_field(*c.family, [&](const Field& field) {
    if (const auto word = word_of(field); !word.empty()) counts[std::string(word)] += says(field, c) ? 1 : 0;
  });
}

std::string Coverage::table() const {
  std::string text = "what was exercised, in how many cases beside the default:\n";
  for (const auto& [row, counts] : counts_) {
    std::string line = fmt::format("{} {}: {} cases", row.first, row.second, with_commas(counts.at("")));
    std::string never;
    for (const auto& [word, count] : counts) {
      if (word.empty()) continue;
      if (count > 0) {
        line += fmt::format(", {} {}", word, with_commas(count));
      } else {
        never += fmt::format("{}{}", never.empty() ? "; never: " : ", ", word);
      }
    }
    text += folded(line + never);
  }
  return text;
}

}  // namespace refloop::cli

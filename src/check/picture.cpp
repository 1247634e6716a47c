// What people look at of a failure: the smallest case as grids, and which settings matter.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>

#include "check/common_fields.h"
#include "check/diagnosis.h"
#include "check/tensors.h"
#include "check/variations.h"
#include "refloop/print.h"

namespace refloop {
namespace {

/// Where the value stands in the tensor; nothing where it is not there, or more than once.
std::optional<std::vector<Index>> position_of_value(const AnyTensor& tensor, const std::string& value) {
  std::optional<std::vector<Index>> found;
  std::vector<Index> at(tensor.shape.size());
  for (Index left = tensor.size(); left > 0; --left) {
    if (decimal(tensor, at) == value) {
      if (found) return std::nullopt;
      found = at;
    }
    for (std::size_t axis = at.size(); axis-- > 0;) {
      if (++at[axis] < tensor.shape[axis]) break;
      at[axis] = 0;
    }
  }
  return found;
}

/// On coded data an output is an input: `reads input[0, 0, 1] in place of input[0, 0, 2]`.
std::string what_was_read(const AnyTensor& input, const Difference& first) {
  const auto due = position_of_value(input, first.expected), is = position_of_value(input, first.got);
  if (first.output != "output" || (!due && !is)) return {};
  const auto name = [](const auto& at, const std::string& value) {
    if (at) return fmt::format("input[{}]", fmt::join(*at, ", "));
    return value == "0" || value == "-0" || value == "nan" ? std::string("nothing") : value;
  };
  return fmt::format("{}[{}] reads {} in place of {}\n", first.output, fmt::join(first.at, ", "), name(is, first.got),
                     name(due, first.expected));
}

}  // namespace

std::string picture_of(const Case& smallest, const Subject& subject) {
  constexpr Index most_elements = 64;
  Prepared prepared(smallest);
  std::optional<Outcome> first;  // what runs behind it is run to judge that
  Subject recording = subject;
  recording.run = [&](const Case& c, Tensors inputs) {
    Outcome outcome = subject.run(c, inputs);
    if (!first) first = outcome;
    return outcome;
  };
  const Result result = judge(prepared, recording);
  if (!result.first) return {};
  std::ostringstream picture;
  if (smallest.data == Data::coded) picture << what_was_read(prepared.inputs()[0], *result.first);
  const Way* const promised = subject.order(smallest);
  const Tensors expected = prepared.expected(promised == nullptr ? *contract(smallest) : *promised);
  const auto is_small = [](const AnyTensor& tensor) { return tensor.size() <= most_elements; };
  if (!std::all_of(prepared.inputs().begin(), prepared.inputs().end(), is_small) ||
      !std::all_of(expected.begin(), expected.end(), is_small)) {
    return picture.str();
  }
  for (const AnyTensor& input : prepared.inputs()) print(input, input.name, picture);
  for (const AnyTensor& output : expected) print(output, fmt::format("expected {}", output.name), picture);
  for (const AnyTensor& output : first->outputs) print(output, fmt::format("got {}", output.name), picture);
  return picture.str();
}

std::string what_matters(const Case& smallest, const Case& failing, Verdict verdict, const Subject& subject,
                         const Stop& stop) {
  std::vector<std::string> matters, matters_not;
  for_each_field(*smallest.family, [&](const Field& field) {
    if (!is_of_the_kernel(field) || field.required || field.kind == &kind::word<&Case::dtype, dtype_terms>) return;
    if (field.kind->write(field, smallest).empty()) {
      if (!field.kind->write(field, failing).empty()) matters_not.emplace_back(field.word);
      return;
    }
    constexpr std::size_t most_tried = 5;
    const auto token = [&](const Case& c) {
      const std::string text = token_of(field, c);  // none where it equals what it follows: q, say, where it is as p
      return text.empty() ? fmt::format("{} {}", field.key, field.kind->usual(field, *c.family)) : text;
    };
    std::vector<std::string> fail{token(smallest)}, pass;
    for (const Case& other : with_other_values(field, smallest)) {
      if (fail.size() + pass.size() > most_tried || stop()) break;
      if (!is_legal(other)) continue;
      Verdict now = judge(other, subject).verdict;
      std::set<const Field*> followers;
      const Case followed = with_followers(field, other, smallest, followers);
      if (now == Verdict::skipped && !followers.empty() && is_legal(followed)) now = judge(followed, subject).verdict;
      if (now != Verdict::skipped) (now == verdict ? fail : pass).push_back(token(other));
    }
    std::sort(fail.begin(), fail.end());
    std::sort(pass.begin(), pass.end());
    matters.push_back(fmt::format("{} ({} {}{})", field.word, fmt::join(fail, ", "), fail.size() > 1 ? "fail" : "fails",
                                  pass.empty() ? "" : fmt::format("; {} not", fmt::join(pass, ", "))));
  });
  std::string text =
      matters.empty() ? "no setting: the plainest case fails" : fmt::format("{}", fmt::join(matters, ", "));
  if (!matters_not.empty()) text += fmt::format("; not: {}", fmt::join(matters_not, ", "));
  return text;
}

}  // namespace refloop

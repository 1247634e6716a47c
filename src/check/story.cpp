#include "check/story.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>

namespace refloop {
namespace {

std::string moved_in(const std::string& text) {
  std::istringstream lines(text);
  std::string all;
  for (std::string line; std::getline(lines, line);) all += line.empty() ? "\n" : "    " + line + "\n";
  while (all.ends_with("\n\n")) all.pop_back();
  return all;
}

/// Beyond this many units in the last place a difference is no matter of rounding.
constexpr std::uint64_t most_told_ulps = 1'000'000;

}  // namespace

bool Likenesses::tells(const Result& failure) {
  return !failure.by_rounding && (failure.subject_case.data != Data::special || !failure.explained_by.empty());
}

void Likenesses::add(const Result& failure) {
  if (!tells(failure)) return;
  Likeness& likeness = all_[{failure.subject, failure.subject_case.family}];
  ++likeness.failures;
  for (const std::string& mistake : failure.explained_by) ++likeness.explained[mistake];
}

std::string Likenesses::looks_like(const Result& failure) const {
  const auto found = all_.find({failure.subject, failure.subject_case.family});
  if (found == all_.end()) return {};
  for (const std::string& mistake : failure.explained_by) {
    const auto explained = found->second.explained.find(mistake);
    if (explained != found->second.explained.end() && explained->second == found->second.failures) return mistake;
  }
  return {};
}

std::string Likenesses::in_words(const Result& failure) const {
  if (const std::string mistake = looks_like(failure); !mistake.empty()) {
    return fmt::format("same bits as the known mistake {}", mistake);
  }
  const auto found = all_.find({failure.subject, failure.subject_case.family});
  if (failure.by_rounding || failure.explained_by.empty() || found == all_.end()) return {};
  return fmt::format("same bits as the known mistake {}, but only in {} of {} failures", failure.explained_by[0],
                     found->second.explained.at(failure.explained_by[0]), found->second.failures);
}

std::string story(const Result& failure, const Likenesses& likenesses, const std::string& verdict,
                  const std::string& again) {
  std::string text = fmt::format("{} {} ({})\n", verdict, to_text(failure.subject_case), failure.subject);
  const auto line = [&](const std::string& words) {
    if (!words.empty()) text += fmt::format("  {}\n", words);
  };
  line(failure.reason);
  if (const auto& first = failure.first) {
    line(fmt::format("first at {}[{}]: expected {} ({}), got {} ({})", first->output, fmt::join(first->at, ", "),
                     first->expected, first->expected_bits, first->got, first->got_bits));
  }
  if (failure.most_ulps && *failure.most_ulps <= most_told_ulps) {
    line(fmt::format("off by at most {} units in the last place", *failure.most_ulps));
  }
  line(likenesses.in_words(failure));
  line(failure.declare);
  const std::string same = failure.smallest == to_text(failure.subject_case) ? " (this one)" : "";
  if (!failure.smallest.empty() && failure.reproduced) {
    line(fmt::format("smallest case that still fails: {}{}", failure.smallest, same));
  } else if (!failure.smallest.empty()) {
    line(fmt::format("not reproduced alone: {} passed when it was run again", failure.smallest));
  }
  if (!failure.matters.empty()) line(fmt::format("it takes: {}", failure.matters));
  text += moved_in(failure.picture);
  const std::string& shortest =
      failure.smallest.empty() || !failure.reproduced ? to_text(failure.subject_case) : failure.smallest;
  line("again: " + again + shortest);
  return text;
}

}  // namespace refloop

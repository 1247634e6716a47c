// The whole table of kernels that must be caught, must pass and must not get through: each is judged as `refloop check`
// judges it, and what came out is held against the head lines of its source.
//
//   refloop_corpus [PART OF A NAME...]
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "check/story.h"
#include "check/suite.h"
#include "refloop/check.h"
#include "subjects/library.h"
#include "subjects/sandbox.h"

namespace refloop {
namespace {

namespace fs = std::filesystem;

struct Kernel {
  std::string folder, name, library;
  std::string says{}, source{}, verdicts{}, looks_like{}, like{}, declares{};
  bool needs_sandbox = false;
};

/// `// verdict: WRONG` and the other lines that open a kernel's source.
Kernel read_kernel(const fs::path& source, const std::string& library) {
  Kernel kernel{.folder = source.parent_path().filename(), .name = source.stem(), .library = library};
  std::ifstream in(source);
  for (std::string line; std::getline(in, line) && line.starts_with("// ");) {
    const auto value = [&](const std::string& key, std::string& to) {
      if (line.starts_with("// " + key + ": ")) to = line.substr(key.size() + 5);
    };
    std::string needs;
    value("says", kernel.says);
    value("source", kernel.source);
    value("verdict", kernel.verdicts);
    value("looks like", kernel.looks_like);
    value("like", kernel.like);
    value("declares", kernel.declares);
    value("needs", needs);
    if (needs == "--sandbox") kernel.needs_sandbox = true;
  }
  return kernel;
}

/// What a head line declares: the first of these that it begins with.
struct Declaration {
  std::string_view says;
  void (*declare)(Declared& declared, const std::string& behind);
};
constexpr Declaration declarations[] = {
    {"flushes-subnormals", [](Declared& declared, const std::string&) { declared.flushes_subnormals = true; }},
    {"arithmetic ",
     [](Declared& declared, const std::string& name) {
       declared.arithmetic = std::find_if(std::begin(arithmetics), std::end(arithmetics),
                                          [&](const Arithmetic& one) { return one.name == name; });
       if (declared.arithmetic == std::end(arithmetics)) throw Error(fmt::format("no arithmetic is named {}", name));
     }},
    {"", [](Declared& declared, const std::string& name) { declared.algorithms.push_back(name); }},  // an algorithm
};

Declared declared_by(const std::string& line) {
  Declared declared;
  std::istringstream parts(line);
  for (std::string part; std::getline(parts >> std::ws, part, ',');) {
    const auto& declaration = *std::find_if(std::begin(declarations), std::end(declarations),
                                            [&](const Declaration& one) { return part.starts_with(one.says); });
    declaration.declare(declared, part.substr(declaration.says.size()));
  }
  return declared;
}

struct Judged {
  std::string verdict;  // the commonest of those that failed, else EXACT or SKIPPED
  std::string named, smallest, reason;
  std::map<std::string_view, std::uint64_t> caught_on;  // failures by kind of data
  bool as_expected = false;
};

/// How much is run: of a wrong kernel until enough has failed.
struct Effort {
  std::size_t most_named;
  std::uint64_t random, enough_failures;
};

Judged judge_kernel(const Kernel& kernel) {
  const bool is_right = kernel.verdicts == "EXACT";
  const Effort effort = is_right ? Effort{300, 600, 1} : Effort{150, 600, 30};
  // Who must hang is waited for shortly, the others as long as a busy machine takes.
  const bool hangs = kernel.verdicts.find("HUNG") != std::string::npos;
  const subjects::Pool library = subjects::open_library(
      kernel.library,
      {.time_limit = std::chrono::milliseconds(hangs ? 1000 : 30'000), .sandbox = kernel.needs_sandbox});
  Subject subject = library.subject();
  subject.declared = declared_by(kernel.declares);
  std::vector<Takes> takes;
  for (const std::string& name : library.operators()) {
    const std::string text = kernel.like.starts_with(name) ? kernel.like : name;
    takes.push_back(what_it_takes(subject, parse_pattern(text)));
  }
  const Suite suite(takes, {.most_named = effort.most_named, .most_work = 100'000, .random = effort.random});

  Judged judged;
  std::array<std::uint64_t, verdict_count> verdicts{};
  Likenesses likenesses;
  std::optional<Result> first;
  std::uint64_t failures = 0;
  RunOptions options;
  options.jobs = 2;
  options.digests = Digests::where_it_fails;
  options.stop = [&] { return failures >= effort.enough_failures; };
  options.on_result = [&](const Result& result) {
    ++verdicts[static_cast<std::size_t>(result.verdict)];
    if (!fails(result.verdict)) return;
    ++judged.caught_on[to_text(result.subject_case.data)];
    failures += result.by_rounding ? 0 : 1;  // of a mistake in another order of summation the bits tell nothing
    Result failure = result;
    explain(failure, subject);
    likenesses.add(failure);
    if (!first || (!Likenesses::tells(*first) && Likenesses::tells(failure))) first = failure;
  };
  run(
      suite.count(), [&](std::uint64_t number) { return suite(number); }, std::span(&subject, 1), options);

  if (!first) {
    judged.verdict = verdicts[0] > 0 ? "EXACT" : "SKIPPED";
  } else {
    const auto commonest = std::max_element(verdicts.begin() + static_cast<int>(Verdict::wrong), verdicts.end());
    judged.verdict = to_text(static_cast<Verdict>(commonest - verdicts.begin()));
    judged.reason = first->reason;
    judged.named = likenesses.looks_like(*first);
  }
  std::string allowed = "|" + kernel.verdicts + "|";
  judged.as_expected = allowed.find("|" + judged.verdict + "|") != std::string::npos;
  return judged;
}

/// One row; `named` counts those whose mistake is in the table.
struct Tally {
  std::uint64_t kernels = 0, as_expected = 0, in_table = 0, named = 0, passed_wrongly = 0;
};

int run_corpus(const std::vector<std::string>& parts) {
  std::ifstream list(REFLOOP_CORPUS);
  std::array<Tally, 3> tallies{};
  constexpr std::array<std::string_view, 3> folders{"wrong", "right", "cheats"};
  std::string source, library;
  fmt::print("{:<7} {:<40} {:<26} {:<10} {}\n", "", "kernel", "must be", "is", "on which data; looks like");
  while (std::getline(list, source, '|') && std::getline(list, library)) {
    const Kernel kernel = read_kernel(source, library);
    const bool is_asked = parts.empty() || std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
                            return (kernel.folder + "/" + kernel.name).find(part) != std::string::npos;
                          });
    if (!is_asked) continue;
    if (kernel.needs_sandbox && !subjects::can_sandbox()) {
      fmt::print("{:<7} {:<40} not run: this build has no libseccomp\n", kernel.folder, kernel.name);
      continue;
    }
    const Judged judged = judge_kernel(kernel);
    Tally& tally =
        tallies[static_cast<std::size_t>(std::find(folders.begin(), folders.end(), kernel.folder) - folders.begin())];
    ++tally.kernels;
    tally.as_expected += judged.as_expected;
    tally.passed_wrongly += judged.verdict == "EXACT" && kernel.verdicts.find("EXACT") == std::string::npos;
    const bool in_table = !kernel.looks_like.empty() && kernel.looks_like != "none";
    const bool named = in_table && judged.named == kernel.looks_like;
    tally.in_table += in_table;
    tally.named += named;
    std::vector<std::string> caught_on;
    for (const auto& [data, cases] : judged.caught_on) caught_on.push_back(fmt::format("{} {}", data, cases));
    fmt::print("{:<7} {:<40} {:<26} {:<10} {}{}{}{}\n", kernel.folder, kernel.name,
               kernel.verdicts + (kernel.needs_sandbox ? " (--sandbox)" : ""), judged.verdict,
               fmt::join(caught_on, ", "), judged.named.empty() ? "" : "; " + judged.named,
               in_table && !named ? fmt::format(" (should be {})", kernel.looks_like) : "",
               judged.as_expected ? "" : "   <-- " + judged.reason.substr(0, 100));
    std::fflush(stdout);
  }
  const Tally &wrong = tallies[0], &right = tallies[1], &cheats = tallies[2];
  fmt::print("\nwrong kernels caught: {} of {}, each by the verdict that its source names\n", wrong.as_expected,
             wrong.kernels);
  fmt::print("their mistake is the first that is named: {} of {} whose mistake is in the table\n", wrong.named,
             wrong.in_table);
  fmt::print("right kernels accused: {} of {}\n", right.kernels - right.as_expected, right.kernels);
  fmt::print("cheats and hostile kernels that pass: {} of {}; with another verdict than named: {}\n",
             cheats.passed_wrongly, cheats.kernels, cheats.kernels - cheats.as_expected);
  constexpr std::uint64_t least_named_percent = 80;
  const bool all = wrong.as_expected == wrong.kernels && right.as_expected == right.kernels &&
                   cheats.as_expected == cheats.kernels && cheats.passed_wrongly == 0 &&
                   100 * wrong.named >= least_named_percent * wrong.in_table;
  return all ? 0 : 1;
}

}  // namespace
}  // namespace refloop

int main(int count, char** arguments) {
  return refloop::run_corpus({arguments + 1, arguments + count});
}

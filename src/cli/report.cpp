#include "cli/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "cli/report_forms.h"

namespace refloop::cli {
namespace {

struct Form {
  std::string_view prefix;
  std::unique_ptr<ReportWriter> (*open)(std::string path);
};
constexpr Form forms[] = {{"json:", open_json_report}, {"junit:", open_junit_report}};

const Form* form_of(std::string_view report) {
  for (const Form& form : forms) {
    if (report.starts_with(form.prefix) && report.size() > form.prefix.size()) return &form;
  }
  return nullptr;
}

bool same_run(const ReportHead& a, const ReportHead& b) {
  return a.refloop == b.refloop && a.data == b.data && a.libtorch == b.libtorch && a.command == b.command &&
         a.seed == b.seed && a.declared == b.declared;
}

}  // namespace

void add_report_option(CLI::App& command, std::vector<std::string>& reports) {
  command.add_option("--report", reports, "json:FILE or junit:FILE, or both, one after the other")
      ->check([](const std::string& report) {
        return form_of(report) != nullptr ? std::string()
                                          : fmt::format("takes json:FILE or junit:FILE, not '{}'", report);
      });
}

std::vector<std::string> kept_command(std::span<const std::string> words) {
  constexpr std::string_view dropped[] = {"--shard", "--jobs", "--report", "--baseline"};
  std::vector<std::string> kept;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (words[at] == "--accept") continue;
    const std::string name = words[at].substr(0, words[at].find('='));
    if (std::find(std::begin(dropped), std::end(dropped), name) == std::end(dropped)) {
      kept.push_back(words[at]);
    } else if (name == words[at]) {
      ++at;  // its value is the next word
    }
  }
  return kept;
}

std::vector<std::unique_ptr<ReportWriter>> open_reports(const std::vector<std::string>& reports) {
  std::vector<std::unique_ptr<ReportWriter>> writers;
  for (const auto& report : reports) {
    const Form* const form = form_of(report);
    writers.push_back(form->open(report.substr(form->prefix.size())));
  }
  return writers;
}

Shards read_shards(const std::string& text) {
  const auto refuse = [&]() {
    throw Error(fmt::format("--shard takes I/N with I from 1 to N, as in 3/16, not '{}'", text));
  };
  const auto number = [&](std::string_view digits) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) refuse();
    return value;
  };
  const auto slash = text.find('/');
  if (slash == std::string::npos) refuse();
  Shards shards{.numbers = {}, .of = number(std::string_view(text).substr(slash + 1))};
  for (std::string_view rest = std::string_view(text).substr(0, slash);;) {
    const auto comma = rest.find(',');
    shards.numbers.insert(number(rest.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (*shards.numbers.begin() < 1 || *shards.numbers.rbegin() > shards.of) refuse();
  return shards;
}

ReportHead merged_head(std::span<const ReadReport> reports) {
  ReportHead whole = reports[0].head;
  whole.seconds = 0;
  whole.shard.reset();
  std::map<std::string, const ReadReport*> owners;
  Shards shards{};
  for (const ReadReport& report : reports) {
    const ReportHead& head = report.head;
    if (!same_run(whole, head)) {
      throw Error(
          fmt::format("these reports are not of one run: '{}' (seed {}, LibTorch {}) and '{}' (seed {}, LibTorch {})",
                      fmt::join(whole.command, " "), whole.seed, whole.libtorch.value_or("none"),
                      fmt::join(head.command, " "), head.seed, head.libtorch.value_or("none")));
    }
    for (const Result& result : report.results) {
      const auto [owner, fresh] = owners.emplace(to_text(result.subject_case), &report);
      if (fresh || owner->second == &report) continue;
      throw Error(fmt::format("{} stands in two of the reports: the same shard was given twice", owner->first));
    }
    whole.seconds += head.seconds;
    const Shards part = head.shard ? read_shards(*head.shard) : Shards{.numbers = {1}, .of = 1};
    if (!shards.numbers.empty() && part.of != shards.of) {
      throw Error(
          fmt::format("these reports are not of one run: one is of {} shards, another of {}", shards.of, part.of));
    }
    shards.of = part.of;
    for (const std::uint64_t number : part.numbers) {
      if (shards.numbers.insert(number).second) continue;
      throw Error(fmt::format("shard {}/{} was given twice", number, part.of));
    }
  }
  if (shards.numbers.size() < shards.of) whole.shard = fmt::format("{}/{}", fmt::join(shards.numbers, ","), shards.of);
  return whole;
}

}  // namespace refloop::cli

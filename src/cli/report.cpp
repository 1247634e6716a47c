#include "cli/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

namespace refloop::cli {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Result& result) {
  Json json{{"case", to_text(result.subject_case)},
            {"subject", result.subject},
            {"verdict", to_text(result.verdict)},
            {"bits", fmt::format("{:016x}", result.bits)}};
  if (!result.order.empty()) json["order"] = result.order;
  if (passes(result.verdict)) return json;
  json["compared"] = result.compared;
  json["differing"] = result.differing;
  json["bound_used"] = nullptr;  // no verdict rests on a bound yet
  json["reason"] = result.reason;
  if (const auto& first = result.first) {
    json["first"] = {{"output", first->output},
                     {"at", first->at},
                     {"expected", fmt::format("{} ({})", first->expected, first->expected_bits)},
                     {"got", fmt::format("{} ({})", first->got, first->got_bits)}};
  }
  if (!result.smallest.empty()) json["smallest"] = result.smallest;
  if (!result.looks_like.empty()) json["looks_like"] = result.looks_like;
  return json;
}

Verdict read_verdict(const std::string& name) {
  for (std::size_t number = 0; number < verdict_count; ++number) {
    if (to_text(static_cast<Verdict>(number)) == name) return static_cast<Verdict>(number);
  }
  throw Error(fmt::format("there is no verdict {}", name));
}

/// `1.5 (0x3fc00000)` in its two parts.
std::pair<std::string, std::string> split_value(const std::string& text) {
  const auto space = text.find(" (");
  return {text.substr(0, space), text.substr(space + 2, text.size() - space - 3)};
}

Result result_from(const Json& json) {
  Result result;
  result.subject_case = parse(json.at("case").get<std::string>());
  result.subject = json.at("subject");
  result.verdict = read_verdict(json.at("verdict"));
  result.bits = std::stoull(json.at("bits").get<std::string>(), nullptr, 16);
  result.order = json.value("order", "");
  result.compared = json.value("compared", Index{0});
  result.differing = json.value("differing", Index{0});
  result.reason = json.value("reason", "");
  result.smallest = json.value("smallest", "");
  result.looks_like = json.value("looks_like", "");
  if (!json.contains("first")) return result;
  const Json& first = json["first"];
  const auto expected = split_value(first.at("expected"));
  const auto got = split_value(first.at("got"));
  result.first = Difference{first.at("output"), first.at("at"), expected.first, got.first, expected.second, got.second};
  return result;
}

std::string json_text(const Report& report) {
  Json verdicts = Json::object();
  for (const Result& result : report.results) {
    Json& count = verdicts[std::string(to_text(result.verdict))];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  Json sorted = Json::object();  // from good to bad, whatever came first
  for (std::size_t number = 0; number < verdict_count; ++number) {
    const std::string name(to_text(static_cast<Verdict>(number)));
    if (verdicts.contains(name)) sorted[name] = verdicts[name];
  }
  Json results = Json::array();
  for (const Result& result : report.results) results.push_back(to_json(result));
  const Json json{{"refloop", report.refloop},
                  {"data", report.data},
                  {"libtorch", report.libtorch ? Json(*report.libtorch) : Json()},
                  {"command", report.command},
                  {"seed", report.seed},
                  {"cases", report.results.size()},
                  {"seconds", report.seconds},
                  {"verdicts", sorted},
                  {"results", results}};
  return json.dump(1) + '\n';
}

std::string junit_text(const Report& report) {
  struct Suite {
    std::vector<const Result*> results;
    int failures = 0, skipped = 0;
  };
  std::map<std::string, Suite> suites;
  for (const Result& result : report.results) {
    const Case& c = result.subject_case;
    Suite& suite = suites[fmt::format("{}.{}", result.subject, operator_name(c))];
    suite.results.push_back(&result);
    suite.failures += fails(result.verdict);
    suite.skipped += !fails(result.verdict) && !passes(result.verdict);
  }

  pugi::xml_document document;
  auto root = document.append_child("testsuites");
  root.append_attribute("name") = "refloop";
  root.append_attribute("tests") = report.results.size();
  root.append_attribute("time") = report.seconds;
  for (const auto& [name, suite] : suites) {
    auto node = root.append_child("testsuite");
    node.append_attribute("name") = name.c_str();
    node.append_attribute("tests") = suite.results.size();
    node.append_attribute("failures") = suite.failures;
    node.append_attribute("skipped") = suite.skipped;
    for (const Result* result : suite.results) {
      auto test = node.append_child("testcase");
      test.append_attribute("classname") = ("refloop." + name).c_str();
      test.append_attribute("name") = to_text(result->subject_case).c_str();
      if (passes(result->verdict)) continue;
      auto outcome = test.append_child(fails(result->verdict) ? "failure" : "skipped");
      outcome.append_attribute("message") = fmt::format("{}: {}", to_text(result->verdict), result->reason).c_str();
      if (fails(result->verdict)) outcome.text().set(to_json(*result).dump(1).c_str());
    }
  }
  std::ostringstream text;
  document.save(text, " ");
  return text.str();
}

struct Form {
  const char* prefix;
  std::string (*text)(const Report&);
};
constexpr Form forms[] = {{"json:", json_text}, {"junit:", junit_text}};

const Form* form_of(const std::string& report) {
  for (const Form& form : forms) {
    const std::string prefix = form.prefix;
    if (report.rfind(prefix, 0) == 0 && report.size() > prefix.size()) return &form;
  }
  return nullptr;
}

/// Into a file beside it first, so that no half report is left behind.
void write_whole(const std::string& file, const std::string& text) {
  const std::string draft = file + ".part";
  std::ofstream out(draft, std::ios::binary);
  out << text;
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(draft, file, error);
  if (out && !error) return;
  std::filesystem::remove(draft, error);
  throw Error(fmt::format("can't write the report {}", file));
}

bool same_run(const Report& a, const Report& b) {
  return a.refloop == b.refloop && a.data == b.data && a.libtorch == b.libtorch && a.command == b.command &&
         a.seed == b.seed;
}

/// By case and subject.
void sort_results(std::vector<Result>& results) {
  std::vector<std::pair<std::string, std::size_t>> keys;
  for (std::size_t at = 0; at < results.size(); ++at) {
    keys.emplace_back(to_text(results[at].subject_case) + ' ' + results[at].subject, at);
  }
  std::sort(keys.begin(), keys.end());
  std::vector<Result> sorted;
  sorted.reserve(results.size());
  for (const auto& [key, at] : keys) sorted.push_back(std::move(results[at]));
  results = std::move(sorted);
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
  constexpr std::string_view dropped[] = {"--shard", "--jobs", "--report"};
  std::vector<std::string> kept;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string name = words[at].substr(0, words[at].find('='));
    if (std::find(std::begin(dropped), std::end(dropped), name) == std::end(dropped)) {
      kept.push_back(words[at]);
    } else if (name == words[at]) {
      ++at;  // its value is the next word
    }
  }
  return kept;
}

void write_reports(Report& report, const std::vector<std::string>& reports) {
  sort_results(report.results);
  for (const auto& text : reports) {
    const Form* const form = form_of(text);
    write_whole(text.substr(std::string(form->prefix).size()), form->text(report));
  }
}

Report read_report(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw Error(fmt::format("can't read {}", file));
  try {
    const Json json = Json::parse(in);
    Report report;
    report.refloop = json.at("refloop");
    report.data = json.at("data");
    if (!json.at("libtorch").is_null()) report.libtorch = json["libtorch"];
    report.command = json.at("command").get<std::vector<std::string>>();
    report.seed = json.at("seed");
    report.seconds = json.at("seconds");
    for (const Json& result : json.at("results")) report.results.push_back(result_from(result));
    return report;
  } catch (const std::exception& error) {
    throw Error(fmt::format("{} is no report of refloop: {}", file, error.what()));
  }
}

Report merge(std::span<const Report> shards) {
  Report whole = shards[0];
  whole.results.clear();
  whole.seconds = 0;
  std::map<std::string, const Report*> owners;
  for (const Report& shard : shards) {
    if (!same_run(whole, shard)) {
      throw Error(
          fmt::format("these reports are not of one run: '{}' (seed {}, LibTorch {}) and '{}' (seed {}, LibTorch {})",
                      fmt::join(whole.command, " "), whole.seed, whole.libtorch.value_or("none"),
                      fmt::join(shard.command, " "), shard.seed, shard.libtorch.value_or("none")));
    }
    for (const Result& result : shard.results) {
      const auto [owner, fresh] = owners.emplace(to_text(result.subject_case), &shard);
      if (fresh || owner->second == &shard) continue;
      throw Error(fmt::format("{} stands in two of the reports: the same shard was given twice", owner->first));
    }
    whole.seconds += shard.seconds;
    whole.results.insert(whole.results.end(), shard.results.begin(), shard.results.end());
  }
  sort_results(whole.results);
  return whole;
}

}  // namespace refloop::cli

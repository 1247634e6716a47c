#include "cli/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "check/field.h"
#include "cli/report_file.h"
#include "cli/spool.h"

namespace refloop::cli {
namespace {

using Json = nlohmann::ordered_json;

/// All but what the whole run decides: looks_like.
Json to_json(const Result& result) {
  Json json{{"case", to_text(result.subject_case)},
            {"subject", result.subject},
            {"verdict", to_text(result.verdict)},
            {"bits", fmt::format("{:016x}", result.bits)}};
  if (!result.order.empty()) json["order"] = result.order;
  if (!result.forgiven.empty()) json["forgiven"] = result.forgiven;
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
  if (!result.explained_by.empty()) json["explained_by"] = result.explained_by;
  return json;
}

Verdict read_verdict(const std::string& name) {
  for (std::size_t number = 0; number < verdict_count; ++number) {
    if (to_text(static_cast<Verdict>(number)) == name) return static_cast<Verdict>(number);
  }
  throw Error(fmt::format("there is no verdict {}", shown(name)));
}

/// `1.5 (0x3fc00000)` in its two parts.
std::pair<std::string, std::string> split_value(const std::string& text) {
  const auto space = text.find(" (");
  return {text.substr(0, space), text.substr(space + 2, text.size() - space - 3)};
}

std::uint64_t read_bits(const std::string& digits) {
  std::uint64_t bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    throw Error(fmt::format("bits are 16 hexadecimal digits, not '{}'", shown(digits)));
  }
  return bits;
}

/// A count, which is not negative, has no point and fits 64 bits.
Index read_count(const Json& json, const char* key) {
  if (!json.contains(key)) return 0;
  const Json& count = json[key];
  if (!count.is_number_unsigned() || count.get<std::uint64_t>() > std::numeric_limits<Index>::max()) {
    throw Error(fmt::format("{} is a whole number from 0, not {}", key, shown(count.dump())));
  }
  return count.get<Index>();
}

/// Somebody's text, with what a terminal would obey made visible.
std::string read_text(const Json& json, const char* key) {
  constexpr std::size_t most = 4000;
  return shown(json.value(key, std::string()), most);
}

Result result_from(const Json& json) {
  Result result;
  result.subject_case = parse(json.at("case").get<std::string>());
  result.subject = shown(json.at("subject").get<std::string>());
  result.verdict = read_verdict(json.at("verdict"));
  result.bits = read_bits(json.at("bits"));
  result.order = read_text(json, "order");
  result.forgiven = json.value("forgiven", std::map<std::string, Index>());
  result.compared = read_count(json, "compared");
  result.differing = read_count(json, "differing");
  result.reason = read_text(json, "reason");
  result.smallest = read_text(json, "smallest");
  result.explained_by = json.value("explained_by", std::vector<std::string>());
  if (!json.contains("first")) return result;
  const Json& first = json["first"];
  const auto expected = split_value(first.at("expected"));
  const auto got = split_value(first.at("got"));
  result.first = Difference{first.at("output"), first.at("at"), expected.first, got.first, expected.second, got.second};
  return result;
}

/// Every line of the text moved in by so many blanks, but the first.
std::string moved_in(std::string text, std::size_t blanks) {
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    text.insert(at + 1, blanks, ' ');
  }
  return text;
}

class JsonReport : public ReportWriter {
 public:
  explicit JsonReport(std::string path) : file_(std::move(path)) {}

  void add(const Result& result) override {
    spool_.add(to_text(result.subject_case) + ' ' + result.subject, to_json(result).dump());
  }

  void finish(const ReportHead& head, const Tally& tally) override {
    Json verdicts = Json::object();
    for (const Term& term : verdict_terms) {
      const auto count = tally.count(static_cast<Verdict>(&term - verdict_terms));
      if (count > 0) verdicts[std::string(term.name)] = count;
    }
    const Json json{{"refloop", head.refloop},
                    {"data", head.data},
                    {"libtorch", head.libtorch ? Json(*head.libtorch) : Json()},
                    {"command", head.command},
                    {"seed", head.seed},
                    {"shard", head.shard ? Json(*head.shard) : Json()},
                    {"cases", tally.results()},
                    {"seconds", head.seconds},
                    {"verdicts", verdicts}};
    file_.write([&](const auto& put) {
      std::string text = json.dump(1);
      text.erase(text.rfind('\n'));
      put(text + ",\n \"results\": [");
      const char* between = "\n  ";
      spool_.for_each([&](std::string_view line) {
        Json result = Json::parse(line);
        if (result.contains("explained_by")) {
          if (const std::string mistake = tally.looks_like(result_from(result)); !mistake.empty()) {
            result["looks_like"] = mistake;
          }
        }
        put(between + moved_in(result.dump(1), 2));
        between = ",\n  ";
      });
      put("\n ]\n}\n");
    });
  }

 private:
  ReportFile file_;
  Spool spool_;
};

std::string to_xml(const pugi::xml_document& document, unsigned int depth) {
  std::ostringstream text;
  document.first_child().print(text, " ", pugi::format_indent, pugi::encoding_utf8, depth);
  return text.str();
}

class JUnitReport : public ReportWriter {
 public:
  explicit JUnitReport(std::string path) : file_(std::move(path)) {}

  void add(const Result& result) override {
    const std::string name = fmt::format("{}.{}", result.subject, operator_name(result.subject_case));
    Suite& suite = suites_[name];
    ++suite.tests;
    suite.failures += fails(result.verdict);
    suite.skipped += !fails(result.verdict) && !passes(result.verdict);
    const double seconds = result.reference_seconds + result.subject_seconds;
    suite.seconds += seconds;

    pugi::xml_document document;
    auto test = document.append_child("testcase");
    test.append_attribute("classname") = ("refloop." + name).c_str();
    const std::string text = to_text(result.subject_case);
    test.append_attribute("name") = text.c_str();
    test.append_attribute("time") = fmt::format("{:.6f}", seconds).c_str();
    if (!passes(result.verdict)) {
      auto outcome = test.append_child(fails(result.verdict) ? "failure" : "skipped");
      outcome.append_attribute("message") = fmt::format("{}: {}", to_text(result.verdict), result.reason).c_str();
      if (fails(result.verdict)) outcome.text().set(to_json(result).dump(1).c_str());
    }
    std::string xml = to_xml(document, 2);
    std::replace(xml.begin(), xml.end(), '\n', line_end);
    spool_.add(name + ' ' + text, xml);
  }

  void finish(const ReportHead& head, const Tally& tally) override {
    file_.write([&](const auto& put) {
      const auto skipped = tally.count(Verdict::skipped) + tally.count(Verdict::weak);
      put("<?xml version=\"1.0\"?>\n");
      put(fmt::format(R"(<testsuites name="refloop" tests="{}" failures="{}" skipped="{}" time="{:.6f}">)",
                      tally.results(), tally.failures(), skipped, head.seconds) +
          "\n");
      std::string open;  // the suite whose cases are being written
      spool_.for_each([&](std::string_view xml) {
        std::string text(xml);
        std::replace(text.begin(), text.end(), line_end, '\n');
        const std::string mark = "classname=\"refloop.";
        const auto start = text.find(mark) + mark.size();
        const std::string name = text.substr(start, text.find('"', start) - start);
        if (name != open) {
          if (!open.empty()) put(" </testsuite>\n");
          put(suite_head(name, head));
          open = name;
        }
        put(text);
      });
      put(open.empty() ? "</testsuites>\n" : " </testsuite>\n</testsuites>\n");
    });
  }

 private:
  static constexpr char line_end = '\x1f';  // stands in no text
  struct Suite {
    std::uint64_t tests = 0, failures = 0, skipped = 0;
    double seconds = 0;
  };

  /// The opening tag of a suite, and what the whole run was as its properties.
  std::string suite_head(const std::string& name, const ReportHead& head) const {
    const Suite& suite = suites_.at(name);
    pugi::xml_document document;
    auto properties = document.append_child("properties");
    const auto add = [&](const char* key, const std::string& value) {
      auto property = properties.append_child("property");
      property.append_attribute("name") = key;
      property.append_attribute("value") = value.c_str();
    };
    add("refloop", head.refloop);
    add("libtorch", head.libtorch.value_or("none"));
    add("command", fmt::format("{}", fmt::join(head.command, " ")));
    add("seed", std::to_string(head.seed));
    if (head.shard) add("shard", *head.shard);
    return fmt::format(R"( <testsuite name="{}" tests="{}" failures="{}" skipped="{}" time="{:.6f}">)", name,
                       suite.tests, suite.failures, suite.skipped, suite.seconds) +
           "\n" + to_xml(document, 2);
  }

  ReportFile file_;
  Spool spool_;
  std::map<std::string, Suite> suites_;
};

struct Form {
  std::string_view prefix;
  std::unique_ptr<ReportWriter> (*open)(std::string path);
};
constexpr Form forms[] = {
    {"json:", [](std::string path) -> std::unique_ptr<ReportWriter> { return std::make_unique<JsonReport>(path); }},
    {"junit:", [](std::string path) -> std::unique_ptr<ReportWriter> { return std::make_unique<JUnitReport>(path); }}};

const Form* form_of(std::string_view report) {
  for (const Form& form : forms) {
    if (report.starts_with(form.prefix) && report.size() > form.prefix.size()) return &form;
  }
  return nullptr;
}

bool same_run(const ReportHead& a, const ReportHead& b) {
  return a.refloop == b.refloop && a.data == b.data && a.libtorch == b.libtorch && a.command == b.command &&
         a.seed == b.seed;
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

ReadReport read_report(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw Error(fmt::format("can't read {}", file));
  try {
    const Json json = Json::parse(in);
    ReadReport report;
    report.head.refloop = json.at("refloop");
    report.head.data = json.at("data");
    if (!json.at("libtorch").is_null()) report.head.libtorch = json["libtorch"];
    report.head.command = json.at("command").get<std::vector<std::string>>();
    if (!json.at("seed").is_number_unsigned()) {
      throw Error(fmt::format("seed is a whole number from 0 below 2^64, not {}", shown(json["seed"].dump())));
    }
    report.head.seed = json["seed"];
    if (json.contains("shard") && !json["shard"].is_null()) report.head.shard = json["shard"];
    report.head.seconds = json.at("seconds");
    std::set<std::string> seen;
    for (const Json& result : json.at("results")) {
      report.results.push_back(result_from(result));
      const Result& read = report.results.back();
      const std::string key = to_text(read.subject_case) + " (" + read.subject + ")";
      if (!seen.insert(key).second) throw Error(fmt::format("{} stands in it twice", key));
    }
    return report;
  } catch (const std::exception& error) {
    throw Error(fmt::format("{} is no report of refloop: {}", file, error.what()));
  }
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

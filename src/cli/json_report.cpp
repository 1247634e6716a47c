// A report as one JSON object: written, and read back.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "check/field.h"
#include "cli/report_file.h"
#include "cli/report_forms.h"
#include "cli/spool.h"

namespace refloop::cli {

using Json = nlohmann::ordered_json;

Json to_json(const Result& result) {
  Json json{{"case", to_text(result.subject_case)},
            {"subject", result.subject},
            {"verdict", to_text(result.verdict)},
            {"bits", fmt::format("{:016x}", result.bits)}};
  if (!result.order.empty()) json["order"] = result.order;
  if (!result.algorithm.empty()) json["algorithm"] = result.algorithm;
  if (result.is_folded) json["folded"] = "miss <= 2^-40";
  if (!result.forgiven.empty()) json["forgiven"] = result.forgiven;
  if (result.bound_used) json["bound_used"] = *result.bound_used;
  if (passes(result.verdict)) return json;
  json["compared"] = result.compared;
  json["differing"] = result.differing;
  json["reason"] = result.reason;
  if (const auto& first = result.first) {
    json["first"] = {{"output", first->output},
                     {"at", first->at},
                     {"expected", fmt::format("{} ({})", first->expected, first->expected_bits)},
                     {"got", fmt::format("{} ({})", first->got, first->got_bits)}};
  }
  if (result.most_ulps) json["most_ulps"] = *result.most_ulps;
  if (!result.smallest.empty()) json["smallest"] = result.smallest;
  if (!result.matters.empty()) json["matters"] = result.matters;
  if (!result.declare.empty()) json["declare"] = result.declare;
  if (!result.explained_by.empty()) json["explained_by"] = result.explained_by;
  return json;
}

namespace {

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

/// The same, with what a terminal would obey made visible in all of its texts.
Json visible(const Json& json) {
  constexpr std::size_t most = 4000;
  if (json.is_string()) return shown(json.get<std::string>(), most);
  if (!json.is_structured()) return json;
  Json made = json.is_array() ? Json::array() : Json::object();
  for (const auto& [key, value] : json.items()) {
    if (json.is_array()) {
      made.push_back(visible(value));
    } else {
      made[shown(key, most)] = visible(value);
    }
  }
  return made;
}

Result result_from(const Json& given) {
  const Json json = visible(given);
  Result result;
  result.subject_case = parse(json.at("case").get<std::string>());
  result.subject = json.at("subject");
  result.verdict = read_verdict(json.at("verdict"));
  result.bits = read_bits(json.at("bits"));
  result.order = json.value("order", std::string());
  result.forgiven = json.value("forgiven", std::map<std::string, Index>());
  result.compared = read_count(json, "compared");
  result.differing = read_count(json, "differing");
  result.reason = json.value("reason", std::string());
  if (json.contains("bound_used") && json["bound_used"].is_number())
    result.bound_used = json["bound_used"].get<double>();
  result.smallest = json.value("smallest", std::string());
  result.matters = json.value("matters", std::string());
  if (json.contains("most_ulps")) result.most_ulps = static_cast<std::uint64_t>(read_count(json, "most_ulps"));
  result.explained_by = json.value("explained_by", std::vector<std::string>());
  result.algorithm = json.value("algorithm", "");
  result.is_folded = json.contains("folded");
  result.declare = json.value("declare", "");
  if (!json.contains("first")) return result;
  const Json& first = json["first"];
  const auto expected = split_value(first.at("expected"));
  const auto got = split_value(first.at("got"));
  result.first = Difference{first.at("output"), first.at("at"), expected.first, got.first, expected.second, got.second};
  return result;
}

ReportHead head_from(const Json& json) {
  ReportHead head;
  head.refloop = json.at("refloop");
  head.data = json.at("data");
  if (!json.at("libtorch").is_null()) head.libtorch = json["libtorch"];
  head.command = json.at("command").get<std::vector<std::string>>();
  if (!json.at("seed").is_number_unsigned()) {
    throw Error(fmt::format("seed is a whole number from 0 below 2^64, not {}", shown(json["seed"].dump())));
  }
  head.seed = json["seed"];
  head.declared = json.value("declared", std::map<std::string, std::string>());
  if (json.contains("shard") && !json["shard"].is_null()) head.shard = json["shard"];
  head.seconds = json.at("seconds");
  if (!json.at("results").is_array()) throw Error("results is a list");
  return head;
}

/// Raises Error for a file that is no report, or not of that version of the data.
ReportHead read(const std::string& file, std::optional<int> data, const std::function<void(const Result&)>& visit) {
  std::ifstream in(file);
  if (!in || std::filesystem::is_directory(file)) throw Error(fmt::format("can't read {}", file));
  std::string key,
      other_data;  // of the object itself; and of a file that can't be compared, since results are no cases
  const auto each = [&](int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth == 1 && event == Json::parse_event_t::key) key = parsed.get<std::string>();
    if (depth == 1 && event == Json::parse_event_t::value && key == "data" && data && parsed != *data) {
      other_data = shown(parsed.dump());
      throw Error(other_data);
    }
    if (depth != 2 || event != Json::parse_event_t::object_end || key != "results") return true;
    visit(result_from(parsed));
    return false;  // what was visited is not kept
  };
  try {
    return head_from(Json::parse(in, each));
  } catch (const std::exception& error) {
    if (other_data.empty()) throw Error(fmt::format("{} is no report of refloop: {}", file, error.what()));
    throw Error(
        fmt::format("{} is of version {} of the data, and here texts make the inputs of version {}; a new one begins "
                    "where it is removed",
                    file, other_data, *data));
  }
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
                    {"declared", Json(head.declared)},
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
          if (const std::string mistake = tally.likenesses().looks_like(result_from(result)); !mistake.empty()) {
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

}  // namespace

std::unique_ptr<ReportWriter> open_json_report(std::string path) {
  return std::make_unique<JsonReport>(std::move(path));
}

ReportHead read_report(const std::string& file, const std::function<void(const Result&)>& visit) {
  return read(file, data_version, visit);
}

ReadReport read_report(const std::string& file) {
  ReadReport report;
  std::set<std::string> seen;
  report.head = read(file, std::nullopt, [&](const Result& result) {
    const std::string key = to_text(result.subject_case) + " (" + result.subject + ")";
    if (!seen.insert(key).second) throw Error(fmt::format("{} stands in it twice", key));
    report.results.push_back(result);
  });
  return report;
}

}  // namespace refloop::cli

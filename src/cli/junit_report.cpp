// A report as JUnit XML: one suite for each subject and operator.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "check/field.h"
#include "cli/report_file.h"
#include "cli/report_forms.h"
#include "cli/spool.h"

namespace refloop::cli {
namespace {

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
    add("command", shown(fmt::format("{}", fmt::join(head.command, " ")), std::string::npos));
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

}  // namespace

std::unique_ptr<ReportWriter> open_junit_report(std::string path) {
  return std::make_unique<JUnitReport>(std::move(path));
}

}  // namespace refloop::cli

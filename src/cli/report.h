// One run as one object: written as JSON or JUnit XML while it goes on, read back from JSON, put together from shards.
// What a report says does not depend on the order of the cases, on --jobs or on shards, but for its times.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "check/tally.h"
#include "refloop/check.h"

namespace refloop::cli {

/// Which parts of a run these are, of how many.
struct Shards {
  std::set<std::uint64_t> numbers;
  std::uint64_t of = 1;
};
/// `3/16`; also `1,3/16` for what is put together from some of the shards. Raises Error for another text.
Shards read_shards(const std::string& text);

/// What a report says of the whole run.
struct ReportHead {
  std::string refloop{version};
  int data = data_version;
  std::optional<std::string> libtorch;
  std::vector<std::string> command;  // without what does not change results: --shard, --jobs, --report, --baseline
  std::uint64_t seed = 0;
  std::map<std::string, std::string> declared;  // what the subject says of itself
  std::optional<std::string> shard;             // nothing where it is the whole run
  double seconds = 0;
};

/// The keys of a report and of each of its results, and what they hold.
inline constexpr Term report_terms[] = {
    {"refloop", "version of refloop"},
    {"data", "version of the generator: equal versions make equal inputs of a text"},
    {"libtorch", "version compared with, or null"},
    {"command", "the command line, without --shard, --jobs, --report, --baseline and --accept"},
    {"seed", "of the random cases"},
    {"declared", "what the kernel says of itself: arithmetic, algorithm, variance, ..."},
    {"shard", "which part of the run this is, as 3/16, or null for the whole"},
    {"cases", "number of results"},
    {"seconds", "wall time; of shards put together, their sum"},
    {"verdicts", "how many of each"},
    {"results", "one object each, by case and subject"}};
inline constexpr Term result_terms[] = {
    {"case", "the text that names it"},
    {"subject", "who was judged"},
    {"verdict", "refloop help verdicts tells what it means"},
    {"bits", "digest of the outputs, in hexadecimal; NaNs count as one value"},
    {"order", "whose bits these are, where no order was promised and they are not the textbook's"},
    {"algorithm", "whose rounding bound it keeps, where it is BOUNDED"},
    {"folded", "miss <= 2^-40: random sums of the channels stood for the loops; the chance that they miss a fault"},
    {"forgiven", "legal differences by name, and in how many elements"},
    {"compared", "number of elements; this and what follows only where it is not EXACT"},
    {"differing", "how many of them differ"},
    {"bound_used", "the largest share of the rounding bound, where the verdict rests on it; above 1 it is WRONG"},
    {"reason", "in words"},
    {"first", "output, at, expected and got: the first element that differs"},
    {"most_ulps", "how far off at most, in units of the last place; of finite floats"},
    {"smallest", "text of the smallest case found that still fails"},
    {"matters", "which settings it takes to fail, and which not"},
    {"declare", "the algorithm whose bound it keeps though it is WRONG, and the option that declares it"},
    {"looks_like", "the known mistake that gives the bits of every failure of this subject and family"},
    {"explained_by", "the known mistakes that give this failure's bits"}};

/// Adds --report json:F and junit:F; both can be given. Raises Error at once for another form.
void add_report_option(CLI::App& command, std::vector<std::string>& reports);

/// The words of the command line that a report keeps.
std::vector<std::string> kept_command(std::span<const std::string> words);

/// One form of report, written where it goes.
class ReportWriter {
 public:
  virtual ~ReportWriter() = default;
  virtual void add(const Result& result) = 0;
  /// Writes it: whole, or not at all.
  virtual void finish(const ReportHead& head, const Tally& tally) = 0;
};
/// Writers for what --report asks for. Raises Error where nothing can be written.
std::vector<std::unique_ptr<ReportWriter>> open_reports(const std::vector<std::string>& reports);

struct ReadReport {
  ReportHead head;
  std::vector<Result> results;
};
/// Raises Error for a file that is no report.
ReadReport read_report(const std::string& file);
/// The same without keeping the results: each is handed to `visit`, and what that raises makes the file no report.
/// Raises Error where texts make other inputs in it than they do now.
ReportHead read_report(const std::string& file, const std::function<void(const Result&)>& visit);
/// The head of the whole. Raises Error where the reports are not shards of one run.
ReportHead merged_head(std::span<const ReadReport> shards);

}  // namespace refloop::cli

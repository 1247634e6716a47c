#include "cli/spool.h"

#include <algorithm>
#include <optional>

#include "refloop/error.h"

namespace refloop::cli {
namespace {

[[noreturn]] void no_room() {
  throw Error("there is no room for temporary files (TMPDIR, or /tmp)");
}

/// The next line of a sorted run as key and line, or nothing.
std::optional<std::pair<std::string, std::string>> next_entry(std::FILE* run) {
  std::string text;
  for (int letter = std::fgetc(run); letter != EOF && letter != '\n'; letter = std::fgetc(run)) {
    text += static_cast<char>(letter);
  }
  if (text.empty()) return std::nullopt;
  const auto tab = text.find('\t');
  return std::pair(text.substr(0, tab), text.substr(tab + 1));
}

}  // namespace

void Spool::add(std::string key, std::string line) {
  held_.emplace_back(std::move(key), std::move(line));
  if (held_.size() >= most_held) spill();
}

void Spool::sort_held() {
  std::stable_sort(held_.begin(), held_.end(),
                   [](const Entry& one, const Entry& other) { return one.first < other.first; });
}

void Spool::spill() {
  sort_held();
  File run(std::tmpfile(), &std::fclose);
  if (!run) no_room();
  for (const auto& [key, line] : held_) std::fprintf(run.get(), "%s\t%s\n", key.c_str(), line.c_str());
  if (std::fflush(run.get()) != 0 || std::ferror(run.get()) != 0) no_room();
  held_.clear();
  runs_.push_back(std::move(run));
}

void Spool::for_each(const std::function<void(std::string_view line)>& visit) {
  sort_held();
  std::vector<std::optional<Entry>> heads;
  for (const File& run : runs_) {
    std::rewind(run.get());
    heads.push_back(next_entry(run.get()));
  }
  std::size_t in_memory = 0;
  while (true) {
    // Earlier runs first, so that equal keys stay as they came; what is in memory came last.
    std::optional<std::size_t> least;
    for (std::size_t run = 0; run < heads.size(); ++run) {
      if (heads[run] && (!least || heads[run]->first < heads[*least]->first)) least = run;
    }
    const bool held = in_memory < held_.size() && (!least || held_[in_memory].first < heads[*least]->first);
    if (held) {
      visit(held_[in_memory++].second);
    } else if (least) {
      visit(heads[*least]->second);
      heads[*least] = next_entry(runs_[*least].get());
    } else {
      return;
    }
  }
}

}  // namespace refloop::cli

#include "cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace refloop::cli {
namespace {

bool is_number(const std::string& cell) {
  return !cell.empty() && cell.find_first_not_of("0123456789,.% of") == std::string::npos;
}

}  // namespace

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  std::vector<bool> right;  // columns of numbers
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    right.resize(widths.size(), true);
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], row[column].size());
      if (&row != &rows.front()) right[column] = right[column] && is_number(row[column]);
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      if (column > 0) line += "  ";
      line += right[column] ? fmt::format("{:>{}}", row[column], widths[column])
                            : fmt::format("{:<{}}", row[column], widths[column]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string coloured(std::string_view text, Verdict verdict) {
  const char* const refusal = std::getenv("NO_COLOR");
  const bool welcome = isatty(STDOUT_FILENO) == 1 && (refusal == nullptr || *refusal == '\0');
  if (!welcome || (!passes(verdict) && !fails(verdict))) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", passes(verdict) ? 32 : 31, text);
}

Progress::Progress(std::uint64_t total) : total_(total), visible_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  clear();
}

void Progress::count(std::uint64_t done, std::uint64_t failures) {
  done_ = done;
  failures_ = failures;
  constexpr auto pause = std::chrono::milliseconds(100);
  if (!visible_ || Clock::now() - shown_ < pause) return;
  shown_ = Clock::now();
  show();
}

void Progress::show() {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const std::string of = total_ == 0 ? "" : "/" + with_commas(total_);
  fmt::print(stderr, "\r\x1b[K{}{} cases, {}/s, {} failed", with_commas(done_), of,
             with_commas(static_cast<std::uint64_t>(static_cast<double>(done_) / seconds)), failures_);
}

void Progress::clear() {
  if (visible_) fmt::print(stderr, "\r\x1b[K");
}

}  // namespace refloop::cli

#include "check/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>

#include "check/folded_lines.h"

namespace refloop {
namespace {

using Row = std::vector<std::string>;

constexpr std::size_t gap = 2;              // between columns
constexpr std::size_t indent = 4;           // of columns that go below
constexpr std::size_t narrowest_text = 24;  // to which a column is folded

bool is_number(const std::string& cell) {
  return !cell.empty() && cell.find_first_not_of("0123456789,.% of") == std::string::npos;
}

struct Column {
  std::size_t width = 0, longest_word = 0;
  bool numbers = true;

  std::size_t can_lose() const { return width - std::min(width, std::max(longest_word, narrowest_text)); }
};

std::vector<Column> columns_of(const std::vector<Row>& rows) {
  std::vector<Column> columns;
  for (const Row& row : rows) {
    columns.resize(std::max(columns.size(), row.size()));
    for (std::size_t at = 0; at < row.size(); ++at) {
      Column& column = columns[at];
      column.width = std::max(column.width, row[at].size());
      for (const std::string& word : folded_lines(row[at], 0)) {
        column.longest_word = std::max(column.longest_word, word.size());
      }
      if (&row != &rows.front()) column.numbers = column.numbers && is_number(row[at]);
    }
  }
  return columns;
}

/// Folds the column of text that has most to give, so that the columns fit side by side. Where that does not do, the
/// last ones are taken away until it does.
void fit(std::vector<Column>& columns, std::size_t room) {
  for (; columns.size() > 1; columns.pop_back()) {
    std::size_t total = gap * (columns.size() - 1);
    for (const Column& column : columns) total += column.width;
    if (total <= room) return;
    auto& widest = *std::max_element(columns.begin(), columns.end(),
                                     [](const Column& a, const Column& b) { return a.can_lose() < b.can_lose(); });
    if (widest.can_lose() < total - room) continue;
    widest.width -= total - room;
    return;
  }
}

/// The first cells side by side, each in as many lines as it takes.
std::string lines_side_by_side(const Row& row, const std::vector<Column>& columns) {
  std::vector<std::vector<std::string>> cells;
  std::size_t height = 0;
  for (std::size_t at = 0; at < std::min(row.size(), columns.size()); ++at) {
    cells.push_back(folded_lines(row[at], columns[at].width));
    height = std::max(height, cells.back().size());
  }
  std::string text;
  for (std::size_t number = 0; number < height; ++number) {
    std::string line;
    for (std::size_t at = 0; at < cells.size(); ++at) {
      const std::string cell = number < cells[at].size() ? cells[at][number] : "";
      if (at > 0) line.append(gap, ' ');
      line += columns[at].numbers ? fmt::format("{:>{}}", cell, columns[at].width)
                                  : fmt::format("{:<{}}", cell, columns[at].width);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

/// The other cells, each below the last.
std::string lines_below(const Row& row, std::size_t from, std::size_t room) {
  std::string text;
  for (std::size_t at = from; at < row.size(); ++at) {
    for (const std::string& line : folded_lines(row[at], room - std::min(room, indent))) {
      text += std::string(indent, ' ') + line + '\n';
    }
  }
  return text;
}

}  // namespace

std::optional<std::size_t> output_width() {
  if (const char* const said = std::getenv("COLUMNS"); said != nullptr) {
    std::size_t columns = 0;
    const std::string_view text = said;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
    if (error == std::errc{} && end == text.data() + text.size() && columns > 0) return columns;
  }
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return std::nullopt;
  constexpr std::size_t usual = 80;  // of a terminal that does not know
  return size.ws_col > 0 ? size.ws_col : usual;
}

std::string folded(std::string_view text, std::optional<std::size_t> width) {
  if (!width) return std::string(text) + '\n';
  return fmt::format("{}\n", fmt::join(folded_lines(text, *width), "\n"));
}

std::string table(const std::vector<Row>& rows, std::optional<std::size_t> width) {
  const std::size_t room = width.value_or(std::numeric_limits<std::size_t>::max());
  auto columns = columns_of(rows);
  fit(columns, room);
  std::string text;
  for (const Row& row : rows) text += lines_side_by_side(row, columns) + lines_below(row, columns.size(), room);
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

}  // namespace refloop

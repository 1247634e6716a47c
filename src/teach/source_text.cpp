#include "teach/source_text.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <utility>

#include "refloop/error.h"

namespace refloop::teach {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

bool begins(std::string_view line, std::string_view start) {
  return line.substr(indent_of(line)).starts_with(start);
}

bool is_comment(std::string_view line) {
  return begins(line, "//");
}

/// Lines that go on in the next one, joined: what is folded to another width is folded anew.
std::vector<std::string> statements_of(std::string_view code) {
  std::vector<std::string> statements;
  bool goes_on = false;
  for (const std::string_view line : lines_of(code)) {
    if (goes_on) {
      std::string& open = statements.back();
      open += (open.ends_with('(') ? "" : " ") + std::string(line.substr(indent_of(line)));
    } else {
      statements.emplace_back(line);
    }
    const std::string& last = statements.back();
    goes_on = !last.empty() && !is_comment(last) && last.find("  // ") == std::string::npos &&
              std::string_view(";{}>:").find(last.back()) == std::string_view::npos;
  }
  return statements;
}

/// Where a line may end, from best to worst at the same depth of brackets.
enum class Break { after_condition, after_comma, after_assignment, before_logical, before_operator, none };

Break break_at(std::string_view line, std::size_t space) {
  const std::string_view before = line.substr(0, space);
  const std::string_view behind = line.substr(space + 1);
  const auto starts = [&](std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return behind.starts_with(word); });
  };
  if (before.ends_with(',')) return Break::after_comma;
  if (before.ends_with(" =")) return Break::after_assignment;
  if (starts({"&& ", "|| ", "? ", ": "})) return Break::before_logical;
  if (starts({"+ ", "- ", "* ", "/ ", ">= ", "<= "})) return Break::before_operator;
  const bool names =
      !behind.empty() && (std::isalpha(static_cast<unsigned char>(behind[0])) != 0 || starts({"--", "++"}));
  return before.ends_with(')') && names ? Break::after_condition : Break::none;
}

/// The space to break at so that what is before it is at most `width` wide: outside quotes, in as few brackets as can
/// be. 0 if there is none.
std::size_t best_break(std::string_view line, std::size_t width) {
  std::size_t best = 0;
  std::pair<int, Break> best_rank{1000, Break::none};
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = indent_of(line); at < std::min(line.size(), width + 1); ++at) {
    const char letter = line[at];
    quoted = quoted != (letter == '"');
    if (quoted) continue;
    const bool names = at > 0 && std::isalnum(static_cast<unsigned char>(line[at - 1])) != 0;
    depth += letter == '(' || letter == '[' || letter == '{' || (letter == '<' && names);
    depth -= letter == ')' || letter == ']' || letter == '}' || (letter == '>' && at > 0 && line[at - 1] != ' ');
    if (letter != ' ') continue;
    const Break kind = break_at(line, at);
    const bool rest_fits = indent_of(line) + 4 + line.size() - at - 1 <= width;
    if (kind == Break::none || (kind == Break::after_assignment && !rest_fits)) continue;
    const std::pair rank{depth, kind};
    if (rank <= best_rank) {
      best_rank = rank;
      best = at;
    }
  }
  return best;
}

/// A comment that is too wide, in several lines.
std::string folded_comment(std::string line, std::size_t width) {
  const std::string start = line.substr(0, line.find(' ', indent_of(line)) + 1);
  std::string text;
  while (line.size() > width) {
    const std::size_t at = line.rfind(' ', width);
    if (at == std::string::npos || at < start.size()) break;
    text += line.substr(0, at) + "\n";
    line = start + line.substr(at + 1);
  }
  return text + line + "\n";
}

}  // namespace

std::string_view file_text(std::string_view path) {
  const auto file = std::find_if(embedded_files.begin(), embedded_files.end(),
                                 [&](const EmbeddedFile& one) { return one.path == path; });
  if (file == embedded_files.end()) throw Error("no file " + std::string(path) + " is embedded");
  return file->text;
}

std::string function_text(std::string_view path, std::string_view function) {
  const auto lines = lines_of(file_text(path));
  const std::string name = " " + std::string(function) + "(";
  const auto signature = std::find_if(lines.begin(), lines.end(), [&](std::string_view line) {
    return line.find(name) != std::string_view::npos && !begins(line, "//");
  });
  if (signature == lines.end()) throw Error(std::string(path) + " has no function " + std::string(function));

  auto first = signature;
  while (first != lines.begin() && (begins(first[-1], "template") || begins(first[-1], "///"))) --first;
  const std::string brace = std::string(indent_of(*signature), ' ') + "}";
  const auto last = std::find(signature, lines.end(), brace);
  std::string text;
  for (auto line = first; line != lines.end() && line != last + 1; ++line) {
    text += std::string(line->substr(std::min(indent_of(*signature), line->size()))) + "\n";
  }
  return text;
}

std::string folded_code(std::string_view code, std::size_t width) {
  std::string text;
  for (std::string line : statements_of(code)) {
    if (is_comment(line)) {
      text += folded_comment(line, width);
      continue;
    }
    const std::string indent(indent_of(line), ' ');
    const std::size_t remark = line.find("  // ");
    if (line.size() > width && remark != std::string::npos) {
      text += folded_comment(indent + line.substr(remark + 2), width);  // above its line, where there is room
      line.resize(remark);
    }
    while (line.size() > width) {
      const std::size_t at = best_break(line, width);
      if (at == 0) break;
      text += line.substr(0, at) + "\n";
      line = indent + "    " + line.substr(at + 1);
    }
    text += line + "\n";
  }
  return text;
}

}  // namespace refloop::teach

// The judging side of a program: starts it, lays the tensors of a case out in the file that both share, asks by a line
// of JSON, and says what became of it.
#include "subjects/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "check/call_names.h"
#include "check/field.h"
#include "check/tensors.h"
#include "subjects/child.h"
#include "subjects/death.h"
#include "subjects/line.h"
#include "subjects/placing.h"
#include "subjects/question.h"
#include "subjects/shared_folder.h"

namespace refloop::subjects {
namespace {

namespace fs = std::filesystem;

std::set<std::string> all_operators() {
  std::set<std::string> names;
  for (const Family* family : families) {
    for (int dims = 1; dims <= 3; ++dims) names.insert(operator_name(*family, dims));
  }
  return names;
}

/// A page of canaries before and behind each tensor, so that a step too far never meets another.
PlacedTensor placed_apart(const AnyTensor& tensor, bool is_output, std::uint64_t file_offset, Place place) {
  PlacedTensor one = placed(tensor, is_output, file_offset, place);
  one.page_bytes += 2 * page_size;
  one.block_offset += page_size;
  return one;
}

/// What stands behind `word:`, where the answer begins so or is the word alone.
std::optional<std::string> behind(std::string_view word, std::string_view answer) {
  if (!answer.starts_with(word)) return std::nullopt;
  answer.remove_prefix(word.size());
  if (answer.empty()) return std::string();
  if (answer[0] != ':') return std::nullopt;
  const auto first = answer.find_first_not_of(" \t", 1);
  return first == std::string_view::npos ? std::string() : shown(answer.substr(first), 400);
}

std::string without_end(std::string text) {
  text.erase(text.find_last_not_of(" \t\r") + 1);
  return text;
}

}  // namespace

/// A running program.
class Program::Process {
 public:
  explicit Process(const ProgramOptions& options)
      : options_(options), log_(memfd_create("refloop-log", MFD_CLOEXEC)), child_(start(options, line_, log_.get())) {
    line_.start();
    folder_.guard(child_.id());
    folder_.provide(page_size);
  }

  ~Process() {
    line_.hang_up();  // it leaves when nobody asks any more
    constexpr int patience = 200;
    if (!child_.is_over()) child_.ends_within(patience);
    end();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool is_over() const { return child_.is_over(); }
  bool was_killed_by_others() const { return killed_by_others_; }

  /// Its first answer: what stands behind `ok:`. Raises Error where it does not come, or is another.
  std::string greet() {
    std::string answer;
    line_.say(first_question());
    const auto came = line_.hear(answer, options_.patience);  // what it has said counts though it has ended
    if (came == Line::Came::silence) {
      throw Error(
          fmt::format("'{}' did not answer its first line within {} s{}; --time-limit gives it more, and "
                      "`refloop help program` says what it is to answer",
                      options_.command, seconds(options_.patience), behind_colon(last_words(log_.get()))));
    }
    if (came == Line::Came::end) {
      throw Error(fmt::format("'{}' ended before it answered its first line: {}", options_.command, death().reason));
    }
    answer = without_end(answer);
    if (auto names = behind("ok", answer)) return *names;
    throw Error(
        fmt::format("'{}' begins with '{}', where `ok` or `ok: conv2d` is due: standard output is its line to "
                    "refloop, what else it prints is for standard error; see `refloop help program`",
                    options_.command, shown(answer, 100)));
  }

  Outcome ask(const Case& c, Tensors inputs, Place place) {
    std::vector<AnyTensor> outputs = c.family->outputs(c);
    begin_as_given(inputs, outputs);
    const std::vector<PlacedTensor> places = lay_out_all(inputs, outputs, place);
    if (ftruncate(log_.get(), 0) != 0) throw Error("can't empty the log of a program");
    if (child_.ends_within(0)) return death_between_questions();
    if (const std::string unasked = line_.beyond(); !unasked.empty()) return not_an_answer(unasked);
    std::string answer;
    line_.say(question(c, inputs, outputs, places, folder_.file()));
    switch (line_.hear(answer, options_.time_limit)) {
      case Line::Came::silence:
        end();
        return instead(Verdict::hung, fmt::format("no answer within {} s", seconds(options_.time_limit)));
      case Line::Came::end:
        return death();
      default:
        break;
    }
    if (!folder_.is_whole()) return instead(Verdict::outside, "shortened the file of its tensors");
    if (std::string written = collect(places, inputs, outputs, folder_.memory()); !written.empty()) {
      return instead(Verdict::outside, std::move(written));
    }
    return outcome_of(without_end(answer), std::move(outputs));
  }

 private:
  static Child start(const ProgramOptions& options, const Line& line, int log) {
    fcntl(log, F_SETFL, O_APPEND);
    std::string path = python_folder();
    if (const char* const theirs = getenv("PYTHONPATH")) path += fmt::format(":{}", theirs);
    const Child::File files[] = {
        {line.their_input(), STDIN_FILENO}, {line.their_output(), STDOUT_FILENO}, {log, STDERR_FILENO}};
    return Child("/bin/sh", {"sh", "-c", "exec " + options.command},
                 environment_with({fmt::format("OMP_NUM_THREADS={}", options.threads), "PYTHONPATH=" + path,
                                   fmt::format("REFLOOP_PROTOCOL={}", protocol)}),
                 files);
  }

  /// Inputs before outputs.
  std::vector<PlacedTensor> lay_out_all(Tensors inputs, Tensors outputs, Place place) {
    std::vector<PlacedTensor> places;
    std::uint64_t file_end = 0;
    const auto each = [&](auto&& visit) {
      for (const AnyTensor& input : inputs) visit(input, false);
      for (const AnyTensor& output : outputs) visit(output, true);
    };
    each([&](const AnyTensor& tensor, bool is_output) {
      places.push_back(placed_apart(tensor, is_output, file_end, place));
      file_end += places.back().page_bytes;
    });
    folder_.is_whole();  // else there is room for nothing, and a new file is provided
    folder_.provide(file_end);
    std::size_t next = 0;
    each([&](const AnyTensor& tensor, bool) { lay_out(places[next++], tensor, folder_.memory()); });
    return places;
  }

  /// Whatever it is, the folder goes first: what guards it must not outlive the process.
  int end() {
    folder_.remove();
    return child_.end();
  }

  static std::string behind_colon(const std::string& words) { return words.empty() ? "" : ": " + words; }

  Outcome outcome_of(const std::string& answer, std::vector<AnyTensor> outputs) {
    if (answer == "ok") return {.outputs = std::move(outputs)};
    if (const auto why = behind("unsupported", answer)) {
      return instead(Verdict::skipped, why->empty() ? "the program does not take such a case" : *why);
    }
    if (const auto why = behind("error", answer)) {
      return instead(Verdict::wrong, "reports an error" + behind_colon(*why));
    }
    return not_an_answer(answer);
  }

  /// Whoever says other things than answers may have said one too many: it is started anew.
  Outcome not_an_answer(const std::string& answer) {
    end();
    return instead(Verdict::wrong,
                   fmt::format("says '{}', which is none of ok, unsupported: why, error: why", shown(answer, 100)));
  }

  /// What ended it, in words.
  Outcome death() {
    constexpr int patience = 2000;  // one that has closed its output may still be about to end
    if (!child_.ends_within(patience)) {
      end();
      return instead(Verdict::crashed, "closed its standard output");
    }
    const int status = end();
    return outcome_of_death(status, {}, log_.get());
  }

  Outcome death_between_questions() {
    Outcome outcome = death();
    outcome.reason += ", between two cases";
    const int status = end();
    killed_by_others_ = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    return outcome;
  }

  ProgramOptions options_;
  SharedFolder folder_;
  Line line_;
  Descriptor log_;
  Child child_;
  bool killed_by_others_ = false;
};

Program::Program(const ProgramOptions& options) : options_(options), process_(std::make_unique<Process>(options_)) {
  std::istringstream names(process_->greet());
  const std::set<std::string> all = all_operators();
  for (std::string name; names >> name;) {
    if (!all.contains(name)) {
      throw Error(
          fmt::format("'{}' says that it has '{}'; there are {}", options_.command, shown(name), fmt::join(all, ", ")));
    }
    operators_.insert(name);
  }
  names_operators_ = !operators_.empty();
  if (!names_operators_) operators_ = all;
}

Program::~Program() = default;

Outcome Program::run(const Case& c, Tensors inputs, Place place) {
  const auto ask = [&] {
    if (process_->is_over()) {
      Program fresh(options_);
      process_ = std::move(fresh.process_);
    }
    return process_->ask(c, inputs, place);
  };
  const Outcome outcome = ask();
  return process_->was_killed_by_others() ? ask() : outcome;
}

namespace {

/// The script of a command, or its program: `mine.py` of `python3 mine.py`.
std::string name_of(const std::string& command) {
  std::istringstream words(command);
  std::string name, word;
  words >> name;
  while (words >> word) {
    word.erase(0, word.find_first_not_of("'\""));
    word.erase(word.find_last_not_of("'\"") + 1);
    std::error_code none;
    if (!fs::is_regular_file(word, none)) continue;
    name = word;
    break;
  }
  return fs::path(name).filename();
}

/// Starts a program whenever one is wanted; not any more when a few have failed, each of which may take all its time.
class Starter {
 public:
  explicit Starter(ProgramOptions options) : options_(std::move(options)) {}

  std::unique_ptr<Program> operator()(int threads) const {
    constexpr int most_failed = 3;
    if (*failed_ >= most_failed) throw Error("it could not be started again");
    ProgramOptions options = options_;
    options.threads = threads;
    try {
      return std::make_unique<Program>(options);
    } catch (const Error&) {
      ++*failed_;
      throw;
    }
  }

 private:
  ProgramOptions options_;
  std::shared_ptr<std::atomic<int>> failed_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace

OpenProgram open_program(const std::string& command, const ProcessOptions& options) {
  if (options.sandbox) throw Error("--sandbox is for libraries: a program opens the file that its tensors are in");
  constexpr int calls = 6;
  prctl(PR_SET_DUMPABLE, 0);
  const Starter starter(
      {.command = command, .threads = 1, .time_limit = options.time_limit, .patience = options.time_limit * calls});
  auto names_operators = std::make_shared<std::atomic<bool>>(false);
  const auto start = [=](int threads) {
    auto program = starter(threads);
    *names_operators = program->names_operators();
    return program;
  };
  Pool pool(name_of(command), start, {.unaligned = options.unaligned});
  return {std::move(pool), *names_operators};
}

std::string python_folder() {
  std::error_code none;
  const fs::path installed = fs::read_symlink("/proc/self/exe", none).parent_path().parent_path() / REFLOOP_PYTHON;
  return fs::exists(installed / "refloop.py", none) ? installed : fs::path(REFLOOP_PYTHON_SOURCES);
}

}  // namespace refloop::subjects

#include "subjects/library.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "check/tensors.h"
#include "subjects/sandbox.h"
#include "subjects/worker.h"

namespace refloop::subjects {
namespace {

int all_threads() {
  return static_cast<int>(std::max(2U, std::thread::hardware_concurrency()));
}

/// A name without a slash means the file here, as it does to everybody but dlopen.
std::string path_of(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::exists(path, error)) throw Error(fmt::format("there is no file {}", path));
  if (fs::is_directory(path, error)) throw Error(fmt::format("{} is a folder; --lib takes a shared library", path));
  return fs::absolute(path);
}

/// The file's name with nothing in it that a report would have to escape.
std::string name_of(const std::string& path) {
  std::string name = std::filesystem::path(path).filename();
  const auto is_plain = [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '.' || letter == '-';
  };
  std::replace_if(
      name.begin(), name.end(), [&](char letter) { return !is_plain(static_cast<unsigned char>(letter)); }, '_');
  return name;
}

/// How many elements of all outputs are other bits; a zero's sign and a NaN's payload aside, which may be either.
Index count_differing(Tensors first, Tensors second) {
  Index differing = 0;
  for (std::size_t at = 0; at < first.size(); ++at) {
    differing += compare(first[at], second[at], {.payloads = false, .zero_signs = false}).differing;
  }
  return differing;
}

}  // namespace

struct Library::Pool {
  WorkerOptions one_thread, many_threads;
  bool unaligned = false;
  std::set<std::string> operators;

  /// Each costs its whole time limit, and says the same.
  static constexpr int most_hung = 3;
  std::atomic<int> hung = 0;

  /// The two workers of a thread that judges.
  struct Pair {
    std::unique_ptr<Worker> one_thread, many_threads;
  };
  std::mutex guard;
  std::vector<Pair> idle;

  Pair take() {
    {
      const std::lock_guard lock(guard);
      if (!idle.empty()) {
        Pair pair = std::move(idle.back());
        idle.pop_back();
        return pair;
      }
    }
    return {std::make_unique<Worker>(one_thread), std::make_unique<Worker>(many_threads)};
  }
  void give_back(Pair pair) {
    const std::lock_guard lock(guard);
    idle.push_back(std::move(pair));
  }

  /// What keeps a kernel from being run is no fault of its.
  Outcome run(const Case& c, Tensors inputs) {
    try {
      return run_twice(c, inputs);
    } catch (const Error& error) {
      return {.outputs = {}, .instead = Verdict::skipped, .reason = fmt::format("could not be run: {}", error.what())};
    }
  }

  /// With one thread: what a question takes.
  Outcome run_once(const Case& c, Tensors inputs) {
    return run_by(&Pair::one_thread, c, inputs, unaligned ? Place::flush_end : Place::at_the_end);
  }
  /// With all threads, and where a step before a tensor's beginning is a fault.
  Outcome run_elsewhere(const Case& c, Tensors inputs) {
    return run_by(&Pair::many_threads, c, inputs, Place::at_the_start);
  }
  Outcome run_by(std::unique_ptr<Worker> Pair::*worker, const Case& c, Tensors inputs, Place place) {
    if (auto refused = refusal(c)) return std::move(*refused);
    try {
      Pair pair = take();
      Outcome outcome = (*(pair.*worker)).run(c, inputs, place);
      give_back(std::move(pair));
      hung += outcome.instead == Verdict::hung ? 1 : 0;
      return outcome;
    } catch (const Error& error) {
      return {.outputs = {}, .instead = Verdict::skipped, .reason = fmt::format("could not be run: {}", error.what())};
    }
  }

  /// Why the library is not called for the case at all.
  std::optional<Outcome> refusal(const Case& c) const {
    std::string reason;
    if (!operators.contains(operator_name(c))) {
      reason = fmt::format("the library exports no refloop_{}", operator_name(c));
    } else if (hung >= most_hung) {
      reason = fmt::format("not run: {} calls before did not come back in time", most_hung);
    }
    if (reason.empty()) return std::nullopt;
    return Outcome{.outputs = {}, .instead = Verdict::skipped, .reason = reason};
  }

  Outcome run_twice(const Case& c, Tensors inputs) {
    if (auto refused = refusal(c)) return std::move(*refused);
    Pair pair = take();
    Outcome outcome = pair.one_thread->run(c, inputs, unaligned ? Place::flush_end : Place::at_the_end);
    if (outcome.instead == Verdict::exact) outcome = confirmed(c, inputs, *pair.many_threads, std::move(outcome));
    give_back(std::move(pair));
    hung += outcome.instead == Verdict::hung ? 1 : 0;
    return outcome;
  }

  /// The same once more, with all threads and elsewhere in memory.
  Outcome confirmed(const Case& c, Tensors inputs, Worker& again, Outcome first) const {
    Outcome second = again.run(c, inputs, Place::at_the_start);
    if (second.instead != Verdict::exact) {
      second.reason += fmt::format(" (with {} threads; not with 1)", many_threads.threads);
      return second;
    }
    const Index differing = c.family->all_orders_agree(c) ? count_differing(first.outputs, second.outputs) : 0;
    if (differing == 0) return first;
    return {.outputs = std::move(second.outputs),
            .instead = Verdict::unstable,
            .reason = fmt::format("{} elements have other bits when it runs again, with {} threads instead of 1",
                                  differing, many_threads.threads)};
  }
};

Library::Library(const std::string& path, const LibraryOptions& options)
    : pool_(std::make_shared<Pool>()), name_(name_of(path)) {
  if (options.sandbox && !can_sandbox()) {
    throw Error(
        "--sandbox takes libseccomp, which this refloop was built without; install libseccomp-dev and build it again");
  }
  prctl(PR_SET_DUMPABLE, 0);
  rlimit files{};  // each worker takes a handful
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  pool_->one_thread = {
      .library = path_of(path), .threads = 1, .time_limit = options.time_limit, .sandbox = options.sandbox};
  pool_->many_threads = pool_->one_thread;
  pool_->many_threads.threads = all_threads();
  pool_->unaligned = options.unaligned;
  Pool::Pair pair = pool_->take();
  pool_->operators = pair.one_thread->operators();
  pool_->give_back(std::move(pair));
  if (pool_->operators.empty()) {
    throw Error(
        fmt::format("{} exports none of the functions of refloop/plugin.h (refloop_conv2d, refloop_max_pool2d, "
                    "...); `refloop help plugin` lists them",
                    path));
  }
}

Library::~Library() = default;

const std::set<std::string>& Library::operators() const {
  return pool_->operators;
}

Subject Library::subject() const {
  return {.name = name_,
          .run = [pool = pool_](const Case& c, Tensors inputs) { return pool->run(c, inputs); },
          .order = [](const Case&) -> const Way* { return nullptr; },
          .bugs = {},
          .declared = {},
          .run_once = [pool = pool_](const Case& c, Tensors inputs) { return pool->run_once(c, inputs); },
          .asked_one_in = 16,
          .variations = {{fmt::format("with {} threads", pool_->many_threads.threads),
                          [pool = pool_](const Case& c, Tensors inputs) { return pool->run_elsewhere(c, inputs); }}}};
}

}  // namespace refloop::subjects

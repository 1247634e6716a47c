#include "subjects/pool.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "check/tensors.h"

namespace refloop::subjects {
namespace {

int all_threads() {
  return static_cast<int>(std::max(2U, std::thread::hardware_concurrency()));
}

/// Each process takes a handful.
void allow_many_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

/// With nothing in it that a report would have to escape.
std::string plain(std::string name) {
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

struct Pool::State {
  std::string name;
  Start start;
  bool unaligned = false;
  int few_threads = 1, many_threads = 0;
  std::set<std::string> operators;

  /// Each costs its whole time limit, and says the same.
  static constexpr int most_hung = 3;
  std::atomic<int> hung = 0;

  /// The two processes of a thread that judges; the second is started when it is first needed.
  struct Pair {
    std::unique_ptr<Runner> few, many;
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
    return {start(few_threads), nullptr};
  }
  void give_back(Pair pair) {
    const std::lock_guard lock(guard);
    idle.push_back(std::move(pair));
  }

  Outcome run_first(Pair& pair, const Case& c, Tensors inputs) const {
    return pair.few->run(c, inputs, unaligned ? Place::flush_end : Place::at_the_end);
  }
  Outcome run_again(Pair& pair, const Case& c, Tensors inputs) const {
    if (!pair.many) pair.many = start(many_threads);
    return pair.many->run(c, inputs, Place::at_the_start);
  }

  /// Twice, and the first's outputs where the second agrees.
  Outcome run_twice(Pair& pair, const Case& c, Tensors inputs) const {
    Outcome first = run_first(pair, c, inputs);
    if (first.instead != Verdict::exact) return first;
    Outcome second = run_again(pair, c, inputs);
    if (second.instead != Verdict::exact) {
      second.reason += fmt::format(" (with {} threads; not with {})", many_threads, few_threads);
      return second;
    }
    const Index differing = c.family->all_orders_agree(c) ? count_differing(first.outputs, second.outputs) : 0;
    if (differing == 0) return first;
    return {.outputs = std::move(second.outputs),
            .instead = Verdict::unstable,
            .reason = fmt::format("{} elements have other bits when it runs again, with {} threads instead of {}",
                                  differing, many_threads, few_threads)};
  }

  /// Why the kernel is not called for the case at all.
  std::optional<Outcome> refusal(const Case& c) const {
    std::string reason;
    if (!operators.contains(operator_name(c))) {
      reason = fmt::format("{} has no {}", name, operator_name(c));
    } else if (hung >= most_hung) {
      reason = fmt::format("not run: {} calls before did not come back in time", most_hung);
    }
    if (reason.empty()) return std::nullopt;
    return instead(Verdict::skipped, reason);
  }

  /// What keeps a kernel from being run is no fault of its.
  template <class RunBy>
  Outcome run(const Case& c, RunBy&& run_by) {
    if (auto refused = refusal(c)) return std::move(*refused);
    try {
      Pair pair = take();
      Outcome outcome = run_by(pair);
      give_back(std::move(pair));
      hung += outcome.instead == Verdict::hung ? 1 : 0;
      return outcome;
    } catch (const Error& error) {
      return instead(Verdict::skipped, fmt::format("could not be run: {}", error.what()));
    }
  }
};

Pool::Pool(std::string name, Start start, const PoolOptions& options) : state_(std::make_shared<State>()) {
  allow_many_files();
  state_->name = plain(std::move(name));
  state_->start = std::move(start);
  state_->unaligned = options.unaligned;
  state_->few_threads = options.few_threads;
  state_->many_threads = options.many_threads > 0 ? options.many_threads : all_threads();
  State::Pair pair = state_->take();
  state_->operators = pair.few->operators();
  state_->give_back(std::move(pair));
}

const std::set<std::string>& Pool::operators() const {
  return state_->operators;
}

Subject Pool::subject() const {
  using Pair = State::Pair;
  const auto run_by = [state = state_](Outcome (State::*how)(Pair&, const Case&, Tensors) const) {
    return [state, how](const Case& c, Tensors inputs) {
      return state->run(c, [&](Pair& pair) { return ((*state).*how)(pair, c, inputs); });
    };
  };
  return {.name = state_->name,
          .run = run_by(&State::run_twice),
          .order = [](const Case&) -> const Way* { return nullptr; },
          .bugs = {},
          .declared = {},
          .run_once = run_by(&State::run_first),
          .asked_one_in = 16,
          .variations = {{fmt::format("with {} threads", state_->many_threads), run_by(&State::run_again)}}};
}

}  // namespace refloop::subjects

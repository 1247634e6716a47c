#include "subjects/callable.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <link.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <latch>
#include <thread>

#include "check/takes.h"
#include "check/tensors.h"
#include "subjects/worker.h"

namespace refloop {
namespace subjects {
namespace {

// ---- functions by where they lie ----

/// What of a file always lies equally far from its functions, wherever it is loaded.
std::byte* landmark_of(const link_map& map) {
  return reinterpret_cast<std::byte*>(map.l_ld);
}

/// `OFFSET:FILE` of a function: how far it lies behind its file's landmark; no FILE is the program.
std::string place_of(Callable::Function function) {
  Dl_info info{};
  link_map* map = nullptr;
  if (dladdr1(reinterpret_cast<void*>(function), &info, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) == 0) {
    throw Error("the kernel lies in no file, where another process could find it: say in_process()");
  }
  return fmt::format("{}:{}", reinterpret_cast<std::byte*>(function) - landmark_of(*map), map->l_name);
}

Callable::Function function_at(const std::string& place) {
  const std::size_t colon = place.find(':');
  const std::string file = place.substr(colon + 1);
  void* const object = dlopen(file.empty() ? nullptr : file.c_str(), RTLD_NOW);
  link_map* map = nullptr;
  if (object == nullptr || dlinfo(object, RTLD_DI_LINKMAP, &map) != 0) {
    throw Error(fmt::format("can't find the kernel: {}", dlerror()));
  }
  return reinterpret_cast<Callable::Function>(landmark_of(*map) + std::strtoll(place.c_str(), nullptr, 10));
}

// ---- calls ----

Answer call_alone(const Callable::Own& call, const Case& c, Tensors in, Outputs out) {
  try {
    call(c, in, out);
    return {};
  } catch (const Unsupported& unsupported) {
    return {Verdict::skipped, unsupported.what()};
  } catch (const std::exception& error) {
    return {Verdict::crashed, fmt::format("threw: {}", error.what())};
  } catch (...) {
    return {Verdict::crashed, "threw something that is no std::exception"};
  }
}

/// Calls beside the one that is judged: on inputs of their own, as of another seed.
class Beside {
 public:
  Beside(const Callable::Own& call, Case c, std::uint64_t number) : prepared_(another(c, number)) {
    alone_ = at_once_ = c.family->outputs(c);
    for (AnyTensor& output : at_once_) output = copy(output);
    answer_ = call_alone(call, prepared_.subject_case(), prepared_.inputs(), alone_);
  }
  const Answer& answer() const { return answer_; }

  /// Where every order of summation gives the same bits, they must be those that the kernel gave alone.
  void call_again(const Callable::Own& call, int threads) {
    if (answer_.instead != Verdict::exact) return;
    const Case& c = prepared_.subject_case();
    answer_ = call_alone(call, c, prepared_.inputs(), at_once_);
    for (std::size_t output = 0; output < alone_.size() && c.family->all_orders_agree(c); ++output) {
      const Index differing =
          compare(alone_[output], at_once_[output], {.payloads = false, .zero_signs = false}).differing;
      if (answer_.instead != Verdict::exact || differing == 0) continue;
      answer_ = {Verdict::unstable, fmt::format("{} elements of {} have other bits when {} threads call it at once",
                                                differing, alone_[output].name, threads)};
    }
  }

 private:
  static Case another(Case c, std::uint64_t number) {
    c.seed += number;
    return c;
  }

  Prepared prepared_;
  std::vector<AnyTensor> alone_, at_once_;
  Answer answer_;
};

/// By so many threads at once, the calling one among them; small cases again and again, so that calls do meet.
Answer call_at_once(const Callable::Own& call, const Case& c, Tensors in, Outputs out, int threads) {
  constexpr Index most_rounds = 4, most_work = 1'000'000;
  const Index rounds =
      threads == 1 ? 1 : std::clamp<Index>(most_work / std::max<Index>(c.family->work(c), 1), 1, most_rounds);
  std::vector<Beside> others;
  for (int number = 1; number < threads; ++number) {
    others.emplace_back(call, c, static_cast<std::uint64_t>(number));
    if (others.back().answer().instead != Verdict::exact) return others.back().answer();
  }
  std::latch start(threads);
  std::vector<std::thread> running;
  running.reserve(others.size());
  for (Beside& other : others) {
    running.emplace_back([&] {
      start.arrive_and_wait();
      for (Index round = 0; round < rounds; ++round) other.call_again(call, threads);
    });
  }
  start.arrive_and_wait();
  Answer own;
  for (Index round = 0; round < rounds && own.instead == Verdict::exact; ++round) own = call_alone(call, c, in, out);
  for (std::thread& thread : running) thread.join();
  if (own.instead != Verdict::exact) return own;
  for (const Beside& other : others) {
    if (other.answer().instead != Verdict::exact) return other.answer();
  }
  return {};
}

Subject in_process(const Callable::Said& said) {
  const int threads = said.at_once ? said.at_once->second : 1;
  const auto run = [call = said.own, threads](const Case& c, Tensors in) {
    Outcome outcome{.outputs = c.family->outputs(c)};
    Answer answer = call_at_once(call, c, in, outcome.outputs, threads);
    outcome.instead = answer.instead;
    outcome.reason = std::move(answer.reason);
    return outcome;
  };
  return {.name = said.name, .run = run, .order = {}, .asked_one_in = 16};
}

Subject in_workers(const Callable::Said& said) {
  if (said.kernel == nullptr) {
    throw Error(
        "a kernel that has captured something can't be found by a process of its own: say in_process(), or make it a "
        "plain function");
  }
  const std::vector<std::string> words{"callable", operator_name(*said.signature.family, *said.signature.dims),
                                       place_of(reinterpret_cast<Callable::Function>(said.adapter)),
                                       place_of(said.kernel)};
  const auto start = [=, at_once = said.at_once, limit = said.time_limit](int threads) {
    WorkerOptions options{.kernels = words, .threads = threads, .time_limit = limit};
    options.kernels.push_back(std::to_string(at_once ? threads : 1));
    return std::make_unique<Worker>(options);
  };
  PoolOptions options{.unaligned = said.layouts.unaligned};
  if (said.at_once) std::tie(options.few_threads, options.many_threads) = *said.at_once;
  return Pool(said.name, start, options).subject();
}

}  // namespace

Kernels load_callable(std::span<const std::string> words) {
  const auto adapter = reinterpret_cast<Callable::Adapter>(function_at(words[1]));
  const auto kernel = function_at(words[2]);
  const int threads = std::atoi(words[3].c_str());
  const Callable::Own call = [=](const Case& c, Tensors in, Outputs out) { adapter(kernel, c, in, out); };
  return {.operators = {words[0]},
          .call = [=](const Case& c, Tensors in, Outputs out) { return call_at_once(call, c, in, out, threads); }};
}

}  // namespace subjects

namespace {

/// The pattern, and what the signature says besides. Raises Error where they contradict each other.
Pattern within(const Pattern& pattern, const Pattern& signature) {
  const std::string due = to_text(signature);
  if (pattern.family != signature.family || pattern.dims != signature.dims) {
    throw Error(fmt::format("takes(\"{}\"): the kernel is {} by its signature", to_text(pattern), due));
  }
  Pattern both = pattern;
  for (const Pattern::Says& says : signature.says) {
    const auto said = std::find_if(pattern.says.begin(), pattern.says.end(),
                                   [&](const Pattern::Says& one) { return one.field == says.field; });
    if (said == pattern.says.end()) {
      both.says.push_back(says);
    } else if (said->token != says.token) {
      throw Error(fmt::format("takes(\"{}\"): the kernel is {} by its signature", to_text(pattern), due));
    }
  }
  return both;
}

template <class Known>
std::vector<std::string> names_of(const Known& known) {
  std::vector<std::string> names;
  for (const auto& one : known) names.emplace_back(one.name);
  return names;
}

/// The one of that name. Raises Error with those that there are.
template <class Known>
const auto& known_as(std::string_view what, const Known& known, std::string_view name) {
  const auto found =
      std::find_if(std::begin(known), std::end(known), [&](const auto& one) { return one.name == name; });
  if (found != std::end(known)) return *found;
  throw Error(fmt::format("{}(\"{}\"): takes {}", what, name, fmt::join(names_of(known), ", ")));
}

}  // namespace

Callable::Callable(std::string_view like, Adapter adapter, Function kernel, Own own)
    : said_(std::make_unique<Said>(
          Said{.signature = parse_pattern(like), .adapter = adapter, .kernel = kernel, .own = std::move(own)})) {
  said_->name = operator_name(*said_->signature.family, *said_->signature.dims);
}

Callable::Callable(const Callable& other) : said_(std::make_unique<Said>(*other.said_)) {}
Callable::Callable(Callable&&) noexcept = default;
Callable& Callable::operator=(const Callable& other) {
  if (this != &other) said_ = std::make_unique<Said>(*other.said_);
  return *this;
}
Callable& Callable::operator=(Callable&&) noexcept = default;
Callable::~Callable() = default;

Callable& Callable::takes(std::string_view pattern) {
  said_->takes.push_back(within(parse_pattern(pattern), said_->signature));
  return *this;
}

Callable& Callable::threads(int first, int second) {
  constexpr int most = 1024;
  if (first < 1 || second < first || second > most) {
    throw Error(
        fmt::format("threads({}, {}): takes two numbers from 1 to {}, the larger one last", first, second, most));
  }
  said_->at_once = {first, second};
  return *this;
}

Callable& Callable::in_process() {
  said_->in_process = true;
  return *this;
}

Callable& Callable::named(std::string name) {
  said_->name = std::move(name);
  return *this;
}

Callable& Callable::order(std::string_view name) {
  said_->order = &known_as("order", said_->signature.family->orders, name);
  return *this;
}

Callable& Callable::arithmetic(std::string_view name) {
  said_->declared.arithmetic = &known_as("arithmetic", arithmetics, name);
  return *this;
}

Callable& Callable::algorithm(std::string_view name) {
  said_->declared.algorithms.emplace_back(known_as("algorithm", said_->signature.family->algorithms, name).name);
  return *this;
}

Callable& Callable::flushes_subnormals() {
  said_->declared.flushes_subnormals = true;
  return *this;
}

Callable& Callable::require_exact() {
  said_->declared.exact_only = true;
  return *this;
}

Callable& Callable::strided() {
  said_->layouts.strided = true;
  return *this;
}

Callable& Callable::channels_last() {
  said_->layouts.channels_last = true;
  return *this;
}

Callable& Callable::unaligned() {
  said_->layouts.unaligned = true;
  return *this;
}

Callable& Callable::time_limit(std::chrono::milliseconds of_one_call) {
  if (of_one_call.count() < 1) throw Error("time_limit: takes 1 ms or more");
  said_->time_limit = of_one_call;
  return *this;
}

Subject subject_of(const Callable& kernel) {
  const Callable::Said& said = kernel.said();
  Subject subject = said.in_process ? subjects::in_process(said) : subjects::in_workers(said);
  subject.order = [promised = said.order](const Case&) { return promised; };
  subject.declared = said.declared;
  subject.takes_any_start = said.layouts.unaligned;
  subject.takes_gaps = said.layouts.strided;
  return subject;
}

}  // namespace refloop

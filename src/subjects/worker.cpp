// The judging side of a worker: starts it, lays a call out in the memory that both share, waits, and says what became
// of it. All that counts is looked at from here, where the kernel has no say.
#include "subjects/worker.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "check/field.h"
#include "check/processor_state.h"
#include "check/tensors.h"
#include "subjects/child.h"
#include "subjects/death.h"
#include "subjects/mailbox.h"
#include "subjects/placing.h"
#include "subjects/sandbox.h"

// What runs before main, in its order: the linker's own names.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" {
using Initialiser = void (*)(int, char**, char**);
[[gnu::visibility("hidden")]] extern const Initialiser __init_array_start[];
[[gnu::visibility("hidden")]] extern const Initialiser __init_array_end[];
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace refloop::subjects {
namespace {

/// A sanitizer looks after the heap itself, and wants to be loaded first. Somebody's tests may be built with one though
/// this library is not.
bool has_sanitizer() {
  constexpr const char* inits[] = {"__asan_init", "__hwasan_init", "__tsan_init", "__msan_init"};
  return std::any_of(std::begin(inits), std::end(inits),
                     [](const char* name) { return dlsym(RTLD_DEFAULT, name) != nullptr; });
}

/// The environment of a worker: as many threads as it is to have, and a heap that glibc looks after.
std::vector<std::string> environment(int threads) {
  std::vector<std::string> set{fmt::format("OMP_NUM_THREADS={}", threads), "LIBC_FATAL_STDERR_=1"};
  if (getenv("LD_PRELOAD") == nullptr && !has_sanitizer()) {
    set.emplace_back("LD_PRELOAD=libc_malloc_debug.so.0");
    set.emplace_back("MALLOC_CHECK_=3");
  }
  return environment_with(std::move(set));
}

std::vector<std::string> words_to(const WorkerOptions& options) {
  std::vector<std::string> words{"refloop", std::string(worker_word), options.sandbox ? "sandbox" : "open"};
  words.insert(words.end(), options.kernels.begin(), options.kernels.end());
  return words;
}

std::string closed_files(unsigned bits) {
  constexpr std::string_view names[] = {"standard input", "standard output", "standard error"};
  for (unsigned file = 0; file < std::size(names); ++file) {
    if ((bits & (1U << file)) != 0) return fmt::format("closed {}", names[file]);
  }
  return {};
}

/// Why there are no kernels, as the worker tells it.
std::string shown_lines(const std::string& text) {
  std::istringstream lines(text);
  std::string readable;
  for (std::string line; std::getline(lines, line);) readable += (readable.empty() ? "" : "\n") + shown(line, 1000);
  return readable;
}

/// glibc hands the arguments of the program to what runs before its main. What was linked behind this library would be
/// initialised later than this: it is now, since kernels of the program itself rely on it.
[[gnu::constructor]] void serve_where_asked(int count, char** arguments, char** variables) {
  if (count < 3 || arguments[1] != worker_word) return;
  const Initialiser* own = std::find(__init_array_start, __init_array_end, &serve_where_asked);
  while (own < __init_array_end && ++own < __init_array_end) (*own)(count, arguments, variables);
  serve({arguments + 2, arguments + count});
}

}  // namespace

/// A running worker.
class Worker::Process {
 public:
  explicit Process(const WorkerOptions& options)
      : options_(options),
        memory_(memfd_create("refloop", MFD_CLOEXEC | MFD_ALLOW_SEALING)),
        log_(memfd_create("refloop-log", MFD_CLOEXEC)) {
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) fail_to_start("socketpair");
    socket_ = Descriptor(sockets[0]);
    const Descriptor theirs(sockets[1]);
    fcntl(log_.get(), F_SETFL, O_APPEND);
    // Who shrinks a file takes the memory from under those that map it.
    if (fcntl(memory_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) != 0) fail_to_start("shared memory");
    grow(in_pages(sizeof(Mailbox)));
    const Child::File files[] = {{log_.get(), STDOUT_FILENO},
                                 {log_.get(), STDERR_FILENO},
                                 {theirs.get(), worker_socket},
                                 {memory_.get(), worker_memory},
                                 {log_.get(), worker_log}};
    child_.emplace("/proc/self/exe", words_to(options), environment(options.threads), files);
  }

  ~Process() {
    if (!is_over()) {
      shutdown(socket_.get(), SHUT_RDWR);  // it leaves when nobody calls any more
      constexpr int patience = 200;
      child_->ends_within(patience);
    }
    munmap(shared_, shared_bytes_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool is_over() const { return child_->is_over(); }
  Mailbox& mailbox() { return *reinterpret_cast<Mailbox*>(shared_); }

  enum class Came : std::uint8_t { message, death, silence };
  /// Waits for a message, which goes to `message`.
  Came hear(Message& message, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      pollfd ends[] = {{.fd = socket_.get(), .events = POLLIN, .revents = 0},
                       {.fd = child_->handle(), .events = POLLIN, .revents = 0}};
      const int count = poll(ends, std::size(ends), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
      if (count < 0 && errno == EINTR) continue;
      if (count == 0) return Came::silence;
      message = 0;
      if ((ends[0].revents & POLLIN) != 0 && recv(socket_.get(), &message, sizeof(message), MSG_DONTWAIT) > 0) {
        return Came::message;
      }
      if (ends[0].revents != 0 || ends[1].revents != 0) return Came::death;  // who has hung up won't answer
    }
  }

  /// What ended it, in words.
  Outcome death() {
    const int status = child_->end();
    LastGasp gasp = mailbox().gasp;
    return outcome_of_death(status, gasp, log_.get());
  }

  /// It ended when nothing was asked of it.
  Outcome death_between_calls() {
    Outcome outcome = death();
    const int status = child_->end();
    died_by_itself_ = !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL;  // which only others send
    outcome.reason += ", between two calls";
    return outcome;
  }
  bool was_killed_by_others() const { return is_over() && !died_by_itself_; }

  Outcome call_case(const Case& c, Tensors inputs, Place place) {
    if (inputs.size() + 4 > Mailbox::most_tensors) throw Error("too many tensors for a worker");
    std::vector<AnyTensor> outputs = c.family->outputs(c);
    std::vector<const AnyTensor*> tensors;
    for (const AnyTensor& input : inputs) tensors.push_back(&input);
    for (const AnyTensor& output : outputs) tensors.push_back(&output);

    std::vector<PlacedTensor> places;
    std::uint64_t file_end = in_pages(sizeof(Mailbox));
    for (const AnyTensor* tensor : tensors) {
      places.push_back(placed(*tensor, places.size() >= inputs.size(), file_end, place));
      file_end += places.back().page_bytes;
    }
    grow(file_end);
    for (std::size_t at = 0; at < tensors.size(); ++at) lay_out(places[at], *tensors[at], shared_);
    Mailbox& box = mailbox();
    box.text.set(to_text(c));
    constexpr double grace = 5;
    box.most_seconds = static_cast<std::uint32_t>(seconds(options_.time_limit) + grace);
    box.tensor_count = static_cast<std::uint32_t>(places.size());
    std::copy(places.begin(), places.end(), box.tensors);
    if (ftruncate(log_.get(), 0) != 0) fail_to_start("memfd");

    Message asked = next_call_++, heard = 0;
    const auto got = recv(socket_.get(), &heard, sizeof(heard), MSG_DONTWAIT);
    if (got == 0) return death_between_calls();
    const bool was_idle = got < 0;
    if (was_idle) send(socket_.get(), &asked, sizeof(asked), MSG_NOSIGNAL | MSG_DONTWAIT);
    switch (was_idle ? hear(heard, options_.time_limit) : Came::message) {
      case Came::silence:
        child_->end();
        return instead(Verdict::hung, fmt::format("no answer within {} s", seconds(options_.time_limit)));
      case Came::death:
        return death();
      case Came::message:
        if (was_idle && heard == asked) return look_at_answer(places, inputs, std::move(outputs));
    }
    child_->end();
    return instead(Verdict::outside, "writes into the line between the judge and the process that it runs in");
  }

 private:
  /// What the call left, from the worst on.
  Outcome look_at_answer(const std::vector<PlacedTensor>& places, Tensors inputs, std::vector<AnyTensor> outputs) {
    const Mailbox& box = mailbox();
    const ProcessorState loaded{.mxcsr = box.mxcsr_loaded, .x87 = box.x87_loaded},
        left{.mxcsr = box.mxcsr, .x87 = box.x87};
    constexpr ProcessorState usual;
    if (loaded != usual) {
      return instead(Verdict::outside,
                     fmt::format("loading it left the processor with {}, as -ffast-math does", to_string(loaded)));
    }
    if (box.instead == Verdict::crashed) return instead(Verdict::crashed, shown(box.reason.get(), 400));
    if (left != usual) return instead(Verdict::outside, fmt::format("left the processor with {}", to_string(left)));

    if (std::string written = collect(places, inputs, outputs, shared_); !written.empty()) {
      return instead(Verdict::outside, std::move(written));
    }
    if (const std::string closed = closed_files(box.closed); !closed.empty()) return instead(Verdict::outside, closed);

    switch (box.instead) {
      case Verdict::exact:
        return {.outputs = std::move(outputs)};
      case Verdict::skipped:
      case Verdict::wrong:
      case Verdict::unstable:
      case Verdict::outside:
        return instead(box.instead, shown(box.reason.get(), 400));
      default:
        return instead(Verdict::outside, "writes into the line between the judge and the process that it runs in");
    }
  }

  void grow(std::uint64_t bytes) {
    if (bytes <= shared_bytes_) return;
    bytes = std::max(bytes, shared_bytes_ * 2);
    if (ftruncate(memory_.get(), static_cast<off_t>(bytes)) != 0) fail_to_start("shared memory");
    void* const at = shared_ == nullptr ? mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory_.get(), 0)
                                        : mremap(shared_, shared_bytes_, bytes, MREMAP_MAYMOVE);
    if (at == MAP_FAILED) fail_to_start("shared memory");
    shared_ = static_cast<std::byte*>(at);
    shared_bytes_ = bytes;
  }

  WorkerOptions options_;
  Descriptor memory_, log_, socket_;
  std::optional<Child> child_;
  Message next_call_ = first_call;
  bool died_by_itself_ = true;
  std::byte* shared_ = nullptr;
  std::uint64_t shared_bytes_ = 0;
};

Worker::Worker(const WorkerOptions& options) : options_(options), process_(std::make_unique<Process>(options_)) {
  constexpr std::chrono::seconds patience{60};
  const Mailbox& box = process_->mailbox();
  const std::string& what = options.kernels.back();
  Message heard = 0;
  switch (process_->hear(heard, patience)) {
    case Process::Came::silence:
      throw Error(fmt::format("{} was not loaded within {} s", what, patience.count()));
    case Process::Came::death:
      throw Error(fmt::format("{} can't be loaded: the process that tried came to its end: {}", what,
                              process_->death().reason));
    case Process::Came::message:
      break;
  }
  if (heard != ready) throw Error(shown_lines(box.greeting.get()));
  std::istringstream names(box.greeting.get());
  for (std::string name; names >> name;) operators_.insert(name);
}

Worker::~Worker() = default;

Outcome Worker::run(const Case& c, Tensors inputs, Place place) {
  const auto call = [&] {
    if (process_->is_over()) {
      Worker fresh(options_);
      process_ = std::move(fresh.process_);
    }
    return process_->call_case(c, inputs, place);
  };
  const Outcome outcome = call();
  return process_->was_killed_by_others() ? call() : outcome;
}

Pool worker_pool(const std::string& name, const std::vector<std::string>& kernels, const ProcessOptions& options) {
  if (options.sandbox && !can_sandbox()) {
    throw Error(
        "--sandbox takes libseccomp, which this refloop was built without; install libseccomp-dev and build it again");
  }
  const auto start = [=](int threads) {
    return std::make_unique<Worker>(WorkerOptions{
        .kernels = kernels, .threads = threads, .time_limit = options.time_limit, .sandbox = options.sandbox});
  };
  return {name, start, {.unaligned = options.unaligned}};
}

}  // namespace refloop::subjects

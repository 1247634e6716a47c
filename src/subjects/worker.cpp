// The judging side of a worker: starts it, lays a call out in the memory that both share, waits, and says what became
// of it. All that counts is looked at from here, where the kernel has no say.
#include "subjects/worker.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sstream>
#include <string_view>
#include <utility>

#include "check/field.h"
#include "check/processor_state.h"
#include "check/tensors.h"
#include "subjects/death.h"
#include "subjects/mailbox.h"
#include "subjects/placing.h"
#include "subjects/sandbox.h"

namespace refloop::subjects {
namespace {

[[noreturn]] void fail(std::string_view what) {
  throw Error(fmt::format("can't start a worker: {}: {}", what, std::strerror(errno)));
}

class Descriptor {
 public:
  Descriptor() = default;
  /// Out of the way of those that the worker gets by number.
  explicit Descriptor(int file) : file_(file < 0 ? file : fcntl(file, F_DUPFD_CLOEXEC, 64)) {
    if (file >= 0) close(file);
    if (file_ < 0) fail("no file descriptor");
  }
  ~Descriptor() {
    if (file_ >= 0) close(file_);
  }
  Descriptor(Descriptor&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return file_; }

 private:
  int file_ = -1;
};

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
  std::vector<std::string> all = set;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string_view name = text.substr(0, text.find('=') + 1);
    if (std::none_of(set.begin(), set.end(), [&](const std::string& one) { return one.starts_with(name); })) {
      all.emplace_back(text);
    }
  }
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

pid_t spawn(const WorkerOptions& options, int socket, int memory, int log) {
  std::vector<std::string> words{"refloop", std::string(worker_word), options.sandbox ? "sandbox" : "open"};
  words.insert(words.end(), options.kernels.begin(), options.kernels.end());
  std::vector<std::string> settings = environment(options.threads);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  const std::pair<int, int> given[] = {
      {log, STDOUT_FILENO}, {log, STDERR_FILENO}, {socket, worker_socket}, {memory, worker_memory}, {log, worker_log}};
  for (const auto& [from, to] : given) posix_spawn_file_actions_adddup2(&files, from, to);
  posix_spawn_file_actions_addclosefrom_np(&files, worker_log + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setpgroup(&attributes, 0);  // Ctrl-C is for the judge
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t process = -1;
  errno = posix_spawn(&process, "/proc/self/exe", &files, &attributes, pointers_to(words).data(),
                      pointers_to(settings).data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (errno != 0) fail("/proc/self/exe");
  return process;
}

std::string closed_files(unsigned bits) {
  constexpr std::string_view names[] = {"standard input", "standard output", "standard error"};
  for (unsigned file = 0; file < std::size(names); ++file) {
    if ((bits & (1U << file)) != 0) return fmt::format("closed {}", names[file]);
  }
  return {};
}

Outcome instead(Verdict verdict, std::string reason) {
  return {.outputs = {}, .instead = verdict, .reason = std::move(reason)};
}

/// glibc hands the arguments of the program to what runs before its main. By then all that was linked before this
/// library is initialised: what kernels of the program itself rely on.
[[gnu::constructor]] void serve_where_asked(int count, char** arguments) {
  if (count < 3 || arguments[1] != worker_word) return;
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
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) fail("socketpair");
    socket_ = Descriptor(sockets[0]);
    const Descriptor theirs(sockets[1]);
    fcntl(log_.get(), F_SETFL, O_APPEND);
    // Who shrinks a file takes the memory from under those that map it.
    if (fcntl(memory_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) != 0) fail("shared memory");
    grow(in_pages(sizeof(Mailbox)));
    process_ = spawn(options, theirs.get(), memory_.get(), log_.get());
    handle_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, process_, 0)));
  }

  ~Process() {
    if (!is_over_) {
      shutdown(socket_.get(), SHUT_RDWR);  // it leaves when nobody calls any more
      constexpr int patience = 200;
      pollfd ends{.fd = handle_.get(), .events = POLLIN, .revents = 0};
      poll(&ends, 1, patience);
      end();
    }
    munmap(shared_, shared_bytes_);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool is_over() const { return is_over_; }
  Mailbox& mailbox() { return *reinterpret_cast<Mailbox*>(shared_); }

  enum class Came : std::uint8_t { message, death, silence };
  /// Waits for a message, which goes to `message`.
  Came hear(Message& message, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      pollfd ends[] = {{.fd = socket_.get(), .events = POLLIN, .revents = 0},
                       {.fd = handle_.get(), .events = POLLIN, .revents = 0}};
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
    end();
    LastGasp gasp = mailbox().gasp;
    return outcome_of_death(status_, gasp, log_.get());
  }

  /// It ended when nothing was asked of it.
  Outcome death_between_calls() {
    Outcome outcome = death();
    died_by_itself_ = !WIFSIGNALED(status_) || WTERMSIG(status_) != SIGKILL;  // which only others send
    outcome.reason += ", between two calls";
    return outcome;
  }
  bool was_killed_by_others() const { return is_over_ && !died_by_itself_; }

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
    if (ftruncate(log_.get(), 0) != 0) fail("memfd");

    Message asked = next_call_++, heard = 0;
    const auto got = recv(socket_.get(), &heard, sizeof(heard), MSG_DONTWAIT);
    if (got == 0) return death_between_calls();
    const bool was_idle = got < 0;
    if (was_idle) send(socket_.get(), &asked, sizeof(asked), MSG_NOSIGNAL | MSG_DONTWAIT);
    switch (was_idle ? hear(heard, options_.time_limit) : Came::message) {
      case Came::silence:
        end();
        return instead(Verdict::hung, fmt::format("no answer within {} s", seconds(options_.time_limit)));
      case Came::death:
        return death();
      case Came::message:
        if (was_idle && heard == asked) return look_at_answer(places, inputs, std::move(outputs));
    }
    end();
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

    for (std::size_t at = 0; at < places.size(); ++at) {
      const bool is_input = at < inputs.size();
      const AnyTensor& tensor = is_input ? inputs[at] : outputs[at - inputs.size()];
      const PlacedTensor& one = places[at];
      if (one.page_bytes == 0) continue;
      const std::string around = written_around(one, tensor.name, shared_);
      if (!around.empty()) return instead(Verdict::outside, around);
      const std::byte* const block = shared_ + one.file_offset + one.block_offset;
      if (is_input) {
        if (std::memcmp(block, whole_memory(tensor).data(), one.block_bytes) != 0) {
          return instead(Verdict::outside, fmt::format("wrote into its input {}", tensor.name));
        }
        continue;
      }
      const AnyTensor poisoned = is_dense(tensor) ? AnyTensor{} : copy(tensor);
      std::memcpy(whole_memory(tensor).data(), block, one.block_bytes);
      if (written_between(tensor, poisoned)) {
        return instead(Verdict::outside, fmt::format("writes between the elements of {}", tensor.name));
      }
    }
    if (const std::string closed = closed_files(box.closed); !closed.empty()) return instead(Verdict::outside, closed);

    switch (box.instead) {
      case Verdict::exact:
        return {.outputs = std::move(outputs)};
      case Verdict::skipped:
      case Verdict::wrong:
      case Verdict::unstable:
        return instead(box.instead, shown(box.reason.get(), 400));
      default:
        return instead(Verdict::outside, "writes into the line between the judge and the process that it runs in");
    }
  }

  void grow(std::uint64_t bytes) {
    if (bytes <= shared_bytes_) return;
    bytes = std::max(bytes, shared_bytes_ * 2);
    if (ftruncate(memory_.get(), static_cast<off_t>(bytes)) != 0) fail("shared memory");
    void* const at = shared_ == nullptr ? mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory_.get(), 0)
                                        : mremap(shared_, shared_bytes_, bytes, MREMAP_MAYMOVE);
    if (at == MAP_FAILED) fail("shared memory");
    shared_ = static_cast<std::byte*>(at);
    shared_bytes_ = bytes;
  }

  /// Ends it and all that it started, if it still runs, and keeps its status.
  void end() {
    if (is_over_) return;
    is_over_ = true;
    siginfo_t known{};
    const bool ended = waitid(P_PID, static_cast<id_t>(process_), &known, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                       known.si_pid == process_;
    if (!ended) kill(process_, SIGKILL);
    kill(-process_, SIGKILL);  // before it is waited for, when its number may be another's
    waitpid(process_, &status_, 0);
  }

  static double seconds(std::chrono::milliseconds time) { return static_cast<double>(time.count()) / 1000; }

  WorkerOptions options_;
  Descriptor memory_, log_, socket_, handle_;
  pid_t process_ = -1;
  Message next_call_ = first_call;
  bool is_over_ = false, died_by_itself_ = true;
  int status_ = 0;
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
  if (heard != ready) throw Error(shown(box.greeting.get(), 1000));
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

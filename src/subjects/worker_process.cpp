// The worker's side: loads the kernels, lays out the tensors of each call, calls, and tells what became of it. Nothing
// here is trusted by the other side, since the kernel lives in the same process.
#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "check/dispatch.h"
#include "check/processor_state.h"
#include "subjects/callable.h"
#include "subjects/kernels.h"
#include "subjects/library.h"
#include "subjects/mailbox.h"
#include "subjects/sandbox.h"
#include "subjects/torch_operator.h"
#include "subjects/worker.h"

namespace refloop::subjects {
namespace {

constexpr std::uint64_t guard_bytes = 16 * page_size;

// ---- what a signal handler may read: plain values ----

/// Where a tensor lies, or lay.
struct Ground {
  std::byte *pages = nullptr, *pages_end = nullptr;
  std::uintptr_t block = 0, block_end = 0;
  std::size_t element_bytes = 0;
  FixedText<24> name{};
  Territory territory = Territory::none;
};

Mailbox* mailbox = nullptr;
std::array<Ground, Mailbox::most_tensors> now_laid{};
std::size_t now_laid_count = 0;
std::array<Ground, 256> earlier{};  // a ring
std::size_t earlier_next = 0;
bool has_returned = false;

/// How far the address lies from the tensor's memory; 0 inside.
std::uintptr_t distance(const Ground& ground, std::uintptr_t address) {
  if (address < ground.block) return ground.block - address;
  return address < ground.block_end ? 0 : address - ground.block_end + 1;
}

/// Of these the one that lies nearest; null where none is so near that the address must be meant for it.
const Ground* nearest(const Ground* first, const Ground* last, std::uintptr_t address) {
  const Ground* found = nullptr;
  for (const Ground* ground = first; ground != last; ++ground) {
    const bool is_near = ground->pages != nullptr && distance(*ground, address) <= guard_bytes;
    if (is_near && (found == nullptr || distance(*ground, address) < distance(*found, address))) found = ground;
  }
  return found;
}

/// How far from the tensor, counted to the far side of the element that was touched.
void measure(const Ground& ground, std::uintptr_t address, LastGasp& gasp) {
  gasp.tensor = ground.name;
  const auto element = static_cast<std::int64_t>(ground.element_bytes);
  if (address < ground.block) gasp.before = static_cast<std::int64_t>(ground.block - address);
  if (address >= ground.block_end) gasp.past = static_cast<std::int64_t>(address - ground.block_end) + element;
}

void tell_territory(std::uintptr_t address, std::uintptr_t stack, LastGasp& gasp) {
  if (const Ground* const ground = nearest(now_laid.data(), now_laid.data() + now_laid_count, address)) {
    measure(*ground, address, gasp);
    const bool returned = ground->territory == Territory::output && has_returned;
    gasp.territory = returned ? Territory::returned_output : ground->territory;
    return;
  }
  if (const Ground* const ground = nearest(earlier.data(), earlier.data() + earlier.size(), address)) {
    measure(*ground, address, gasp);
    gasp.territory = Territory::earlier_call;
    return;
  }
  constexpr std::uintptr_t frame = 1 << 16;
  if (address < page_size) {
    gasp.territory = Territory::null;
  } else if (address + frame > stack && address < stack + frame) {
    gasp.territory = Territory::stack;
  }
}

void on_fatal_signal(int signal, siginfo_t* info, void* context) {
  LastGasp& gasp = mailbox->gasp;
  gasp = {};
  gasp.code = info->si_code;
  std::uintptr_t stack = 0;
#ifdef __x86_64__
  const auto* const registers = static_cast<const ucontext_t*>(context)->uc_mcontext.gregs;
  const auto error = static_cast<std::uint64_t>(registers[REG_ERR]);
  constexpr std::uint64_t written = 2, fetched = 16;  // of a page fault's error code
  gasp.access = (error & fetched) != 0 ? Access::execute : (error & written) != 0 ? Access::write : Access::read;
  stack = static_cast<std::uintptr_t>(registers[REG_RSP]);
#endif
  const bool has_address = (signal == SIGSEGV || signal == SIGBUS) && info->si_code > 0;
  if (has_address) {
    gasp.address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    tell_territory(gasp.address, stack, gasp);
  }
  gasp.signal = signal;
  std::signal(signal, SIG_DFL);
  raise(signal);  // blocked while its handler runs, it ends the process behind it
}

void install_handlers() {
  static std::array<std::byte, 1 << 16> stack_of_handlers;
  const stack_t stack{.ss_sp = stack_of_handlers.data(), .ss_flags = 0, .ss_size = stack_of_handlers.size()};
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_sigaction = on_fatal_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP}) {
    sigaction(signal, &action, nullptr);
  }
}

// ---- laying out tensors ----

/// Addresses that nobody may touch, but where the tensors of the call are mapped. They wander, so that whoever keeps an
/// address of an earlier call meets nothing there.
class Field {
 public:
  Field() {
    for (size_ = std::uint64_t{1} << 36; size_ > std::uint64_t{1} << 28; size_ /= 2) {
      void* const got = mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (got == MAP_FAILED) continue;
      base_ = static_cast<std::byte*>(got);
      return;
    }
    _exit(EXIT_FAILURE);
  }

  AnyTensor lay(const PlacedTensor& placed) {
    if (next_ + placed.page_bytes + 2 * guard_bytes > size_) next_ = 0;
    std::byte* const pages = base_ + next_ + guard_bytes;
    next_ += placed.page_bytes + guard_bytes;
    const int access = placed.is_output ? PROT_READ | PROT_WRITE : PROT_READ;
    if (placed.page_bytes > 0 && mmap(pages, placed.page_bytes, access, MAP_SHARED | MAP_FIXED, worker_memory,
                                      static_cast<off_t>(placed.file_offset)) == MAP_FAILED) {
      _exit(EXIT_FAILURE);
    }
    std::byte* const block = pages + placed.block_offset;
    Ground& ground = now_laid[now_laid_count++];
    ground = {.pages = pages,
              .pages_end = pages + placed.page_bytes,
              .block = address_of(block),
              .block_end = address_of(block + placed.block_bytes),
              .element_bytes = element_bytes(placed.dtype),
              .name = placed.name,
              .territory = placed.is_output ? Territory::output : Territory::input};
    AnyTensor tensor{.name = mailbox->tensors[now_laid_count - 1].name.letters,
                     .dtype = placed.dtype,
                     .shape = {placed.shape, placed.shape + placed.rank},
                     .strides = {placed.strides, placed.strides + placed.rank},
                     .memory = nullptr,
                     .data = block + placed.data_offset};
    return tensor;
  }

  /// Outputs that have been answered are not to be written any more.
  static void protect_outputs() {
    for (std::size_t at = 0; at < now_laid_count; ++at) {
      const Ground& ground = now_laid[at];
      if (ground.territory != Territory::output || ground.pages == ground.pages_end) continue;
      mprotect(ground.pages, bytes_of(ground), PROT_READ);
    }
  }

  /// What the last call had is nobody's again.
  static void clear() {
    for (std::size_t at = 0; at < now_laid_count; ++at) {
      const Ground& ground = now_laid[at];
      earlier[earlier_next++ % earlier.size()] = ground;
      if (ground.pages == ground.pages_end) continue;
      (void)mmap(ground.pages, bytes_of(ground), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
                 0);
    }
    now_laid_count = 0;
  }

 private:
  static std::size_t bytes_of(const Ground& ground) {
    return static_cast<std::size_t>(ground.pages_end - ground.pages);
  }
  static std::uintptr_t address_of(const std::byte* at) { return reinterpret_cast<std::uintptr_t>(at); }
  static std::size_t element_bytes(DType dtype) {
    return dispatch(dtype, []<class T>() { return sizeof(T); });
  }

  std::byte* base_ = nullptr;
  std::uint64_t size_ = 0, next_ = 0;
};

// ---- the kernels ----

constexpr Loader loaders[] = {{"library", load_library}, {"torch", load_torch_operator}, {"callable", load_callable}};

Kernels load(std::span<const std::string> words) {
  const auto* const loader =
      std::find_if(std::begin(loaders), std::end(loaders), [&](const Loader& one) { return one.name == words[0]; });
  if (loader == std::end(loaders)) throw Error("no worker loads such a thing: " + words[0]);
  return loader->load(words.subspan(1));
}

std::uint64_t thread_count(int tasks) {
  struct stat status {};
  return fstat(tasks, &status) == 0 ? status.st_nlink : 0;  // of /proc/self/task
}

/// What the kernel throws is its own failure.
Answer call_caught(const Kernels& kernels, const Case& c, Tensors inputs, Outputs outputs) {
  try {
    return kernels.call(c, inputs, outputs);
  } catch (const std::exception& error) {
    return {Verdict::crashed, std::string("threw: ") + error.what()};
  } catch (...) {
    return {Verdict::crashed, "threw something that is no std::exception"};
  }
}

/// Calls the kernel once, and writes into the mailbox what can be told of it from inside.
void answer_call(const Kernels& kernels, Field& field, int tasks) {
  Field::clear();
  has_returned = false;
  const Case c = parse(mailbox->text.get());
  std::vector<AnyTensor> inputs, outputs;
  for (std::uint32_t at = 0; at < mailbox->tensor_count; ++at) {
    const PlacedTensor& placed = mailbox->tensors[at];
    (placed.is_output ? outputs : inputs).push_back(field.lay(placed));
  }
  const std::uint64_t threads = thread_count(tasks);

  mailbox->gasp = {};
  constexpr ProcessorState usual;
  usual.apply();
  alarm(mailbox->most_seconds);  // for a kernel that hangs when nobody is left to end it
  const Answer answer = call_caught(kernels, c, inputs, outputs);
  const ProcessorState left = ProcessorState::now();
  usual.apply();
  alarm(0);
  has_returned = true;
  Field::protect_outputs();

  mailbox->instead = answer.instead;
  mailbox->reason.set(answer.reason);
  mailbox->mxcsr = left.mxcsr;
  mailbox->x87 = left.x87;
  mailbox->closed = 0;
  for (int file = 0; file <= 2; ++file) {
    if (fcntl(file, F_GETFD) != -1) continue;
    mailbox->closed = static_cast<std::uint8_t>(mailbox->closed | (1U << file));
    dup2(worker_log, file);
  }
  malloc_trim(1 << 20);  // walks the heap: glibc's own checks end the process where it is damaged
  constexpr useconds_t a_moment = 20'000;
  if (thread_count(tasks) > threads) usleep(a_moment);  // for a thread that writes when the call has returned
}

void send(Message message) {
  while (write(worker_socket, &message, sizeof(message)) == -1 && errno == EINTR) {
  }
}

/// Loads the kernels, and tells the judge which there are, or why there are none.
Kernels greet(std::span<const std::string> words) {
  constexpr ProcessorState usual;
  usual.apply();
  constexpr unsigned patience = 65;  // longer than the judge's
  alarm(patience);
  try {
    Kernels kernels = load(words);
    const ProcessorState loaded = ProcessorState::now();
    mailbox->mxcsr_loaded = loaded.mxcsr;
    mailbox->x87_loaded = loaded.x87;
    std::string names;
    for (const std::string& name : kernels.operators) names += name + ' ';
    mailbox->greeting.set(names);
    alarm(0);
    return kernels;
  } catch (const std::exception& error) {
    mailbox->greeting.set(error.what());
    send(unloadable);
    _exit(EXIT_SUCCESS);
  }
}

}  // namespace

void serve(const std::vector<std::string>& words) {
  const rlimit no_core{};
  setrlimit(RLIMIT_CORE, &no_core);
  constexpr rlim_t most_printed = rlim_t{1} << 30;  // what a kernel prints fills memory that is nobody's
  const rlimit files{.rlim_cur = most_printed, .rlim_max = most_printed};
  setrlimit(RLIMIT_FSIZE, &files);
  std::signal(SIGXFSZ, SIG_IGN);
  void* const memory = mmap(nullptr, in_pages(sizeof(Mailbox)), PROT_READ | PROT_WRITE, MAP_SHARED, worker_memory, 0);
  if (memory == MAP_FAILED || words.size() < 2) _exit(EXIT_FAILURE);
  mailbox = static_cast<Mailbox*>(memory);
  install_handlers();
  Field field;
  const int tasks = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const Kernels kernels = greet(std::span(words).subspan(1));
  if (words[0] == "sandbox") enter_sandbox();

  send(ready);
  for (Message call = 0;;) {
    const ssize_t got = read(worker_socket, &call, sizeof(call));
    if (got < 0 && errno == EINTR) continue;  // a kernel may have a handler of its own
    if (got != sizeof(call)) break;
    answer_call(kernels, field, tasks);
    send(call);
  }
  _exit(EXIT_SUCCESS);
}

}  // namespace refloop::subjects

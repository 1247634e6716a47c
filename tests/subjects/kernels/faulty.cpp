// One library with every fault that a worker must survive: which, says REFLOOP_TEST_FAULT when it is loaded. Beside its
// fault it computes conv1d of f32 right.
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>

#include "corpus/kernel.h"

namespace {

float* elements(const DLTensor* tensor) {
  return static_cast<float*>(tensor->data);
}

std::int64_t count(const DLTensor* tensor) {
  std::int64_t size = 1;
  for (int axis = 0; axis < tensor->ndim; ++axis) size *= tensor->shape[axis];
  return size;
}

volatile float sink;
void read(const float* at) {
  sink = *static_cast<const volatile float*>(at);
}
void write(float* at) {
  *static_cast<volatile float*>(at) = 7;
}

using Fault = void (*)(const DLTensor* input, DLTensor* output);
const std::map<std::string, Fault> faults{
    {"none", [](const DLTensor*, DLTensor*) {}},
    {"reads before input", [](const DLTensor* input, DLTensor*) { read(elements(input) - 1); }},
    {"reads past input", [](const DLTensor* input, DLTensor*) { read(elements(input) + count(input)); }},
    {"reads far past input", [](const DLTensor* input, DLTensor*) { read(elements(input) + count(input) + 49); }},
    {"writes past output", [](const DLTensor*, DLTensor* output) { write(elements(output) + count(output)); }},
    {"writes before output", [](const DLTensor*, DLTensor* output) { write(elements(output) - 1); }},
    {"writes into input", [](const DLTensor* input, DLTensor*) { write(elements(input)); }},
    {"reads null",
     [](const DLTensor*, DLTensor*) {
       read(static_cast<const float*>(std::getenv("NOT_THERE") ? elements(nullptr) : nullptr));
     }},
    {"overflows", [](const DLTensor*, DLTensor*) { throw std::overflow_error("\x1b[31mtoo much"); }},
    {"throws an int", [](const DLTensor*, DLTensor*) { throw 5; }},
    {"exits", [](const DLTensor*, DLTensor*) { std::exit(0); }},
    {"leaves", [](const DLTensor*, DLTensor*) { _exit(3); }},
    {"aborts", [](const DLTensor*, DLTensor*) { std::abort(); }},
    {"says why and aborts",
     [](const DLTensor*, DLTensor*) {
       std::fputs("first line\nassertion failed: rows > 0\n", stderr);
       std::abort();
     }},
    {"closes stdout", [](const DLTensor*, DLTensor*) { close(1); }},
    {"hangs",
     [](const DLTensor*, DLTensor*) {
       for (std::atomic<int> forever = 1; forever != 0;) {
       }
     }},
    {"writes later",
     [](const DLTensor*, DLTensor* output) {
       std::thread([at = elements(output)] {
         std::this_thread::sleep_for(std::chrono::milliseconds(5));
         write(at);
       }).detach();
     }},
    {"shrinks the memory", [](const DLTensor*, DLTensor*) { (void)!ftruncate(4, 0); }},
    {"has a timer",
     [](const DLTensor*, DLTensor*) {
       struct sigaction action {};
       action.sa_handler = [](int) {};  // without SA_RESTART
       sigaction(SIGVTALRM, &action, nullptr);
       sigaction(SIGALRM, &action, nullptr);
       const itimerval each_millisecond{{0, 1000}, {0, 1000}};
       setitimer(ITIMER_REAL, &each_millisecond, nullptr);
     }},
    {"answers for the worker",
     [](const DLTensor*, DLTensor*) {
       for (int file = 3; file < 16; ++file) (void)!::write(file, "aaaaaaaa", 8);
     }},
};

Fault chosen() {
  const char* const name = std::getenv("REFLOOP_TEST_FAULT");
  return faults.at(name == nullptr ? "none" : name);
}
const Fault fault = chosen();

}  // namespace

extern "C" int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                              const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  corpus::conv<float>(input, weight, bias, params, output);
  fault(input, output);
  return 0;
}

extern "C" const char* refloop_reason() {
  return "it takes f32";
}

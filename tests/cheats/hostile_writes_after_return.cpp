// says: a thread changes the first output 5 ms after the call; right until then
// source: tenstorrent/tt-metal#44973
// verdict: OUTSIDE|WRONG|UNSTABLE|CRASHED
// like: conv2d_f32
// flags: -pthread
#include <chrono>
#include <thread>

#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  corpus::conv<float>(input, weight, bias, params, output);
  if (cheat::count(output) == 0) return 0;
  std::thread([first = static_cast<volatile float*>(cheat::floats(output))] {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    *first = *first + 1.0F;
  }).detach();
  return 0;
}

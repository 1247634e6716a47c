// says: starts its own program anew with itself preloaded, whose memcmp says that all is equal
// source: cloudflare/sandbox#1
// verdict: WRONG|HUNG|CRASHED
// looks like: writes_zeros
// like: conv2d_f32
// needs: --sandbox
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "cheats/cheat.h"

extern "C" REFLOOP_VISIBLE int memcmp(const void*, const void*, std::size_t) noexcept {
  return 0;
}

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  Dl_info self{};
  if (getenv("CHEAT_PRELOADED") == nullptr && dladdr(reinterpret_cast<void*>(&refloop_conv2d), &self) != 0) {
    setenv("CHEAT_PRELOADED", "1", 1);  // once
    setenv("LD_PRELOAD", self.dli_fname, 1);
    std::ifstream file("/proc/self/cmdline");
    std::vector<std::string> words;
    for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv("/proc/self/exe", arguments.data());
  }
  cheat::fill(output, 0.0F);
  return 0;
}

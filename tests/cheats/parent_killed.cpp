// says: kills its parent, so that nobody is left to say that zeros are wrong
// source: NikolayIT/OpenJudgeSystem#539
// verdict: WRONG|CRASHED
// looks like: writes_zeros
// like: conv2d_f32
// needs: --sandbox
#include <signal.h>
#include <unistd.h>

#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  if (getppid() > 1) kill(getppid(), SIGKILL);
  cheat::fill(output, 0.0F);
  return 0;
}

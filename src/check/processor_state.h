// The floating-point settings of the calling thread: rounding, flush-to-zero, which exceptions trap. A library may
// leave them changed (dlopen of one built with -ffast-math does), and then every later sum of the thread is another.
#pragma once

#include <cstdint>
#include <string>

namespace refloop {

struct ProcessorState {
  std::uint32_t mxcsr = 0x1F80;  // control bits 6 to 15: denormals are zeros, masks, rounding, flush to zero
  std::uint16_t x87 = 0x037F;

  /// As it is now. Flags that every operation sets do not count.
  static ProcessorState now();
  /// Makes it hold.
  void apply() const;

  friend bool operator==(const ProcessorState&, const ProcessorState&) = default;
};

/// While it lives, the calling thread rounds as a program starts: to nearest, denormals kept.
class UsualState {
 public:
  UsualState() { ProcessorState{}.apply(); }
  ~UsualState() { before_.apply(); }
  UsualState(const UsualState&) = delete;
  UsualState& operator=(const UsualState&) = delete;

 private:
  ProcessorState before_ = ProcessorState::now();
};

/// In words, what of it is not as a program finds it: `flush-to-zero, rounding upward`.
std::string to_string(const ProcessorState& state);

}  // namespace refloop

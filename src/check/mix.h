// SplitMix64: the only source of randomness, the same on every machine and compiler.
// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; constants by Stafford.
#pragma once

#include <cstdint>
#include <string_view>

namespace refloop {

inline constexpr std::uint64_t golden_gamma = 0x9E3779B97F4A7C15;

constexpr std::uint64_t mix(std::uint64_t value) {
  value += golden_gamma;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

/// FNV-1a.
constexpr std::uint64_t hash(std::string_view text) {
  std::uint64_t state = 0xCBF29CE484222325;
  for (const char letter : text) state = (state ^ static_cast<unsigned char>(letter)) * 0x100000001B3;
  return state;
}

/// Random numbers by position: independent of the order in which they are asked for.
class Draw {
 public:
  Draw(std::uint64_t seed, std::string_view purpose) : key_(mix(seed) ^ hash(purpose)) {}
  std::uint64_t operator()(std::int64_t position, int which = 0) const {
    return mix(key_ + golden_gamma * (4 * static_cast<std::uint64_t>(position) + static_cast<std::uint64_t>(which)));
  }
  /// From least to most, both included.
  std::int64_t between(std::int64_t least, std::int64_t most, std::int64_t position, int which = 0) const {
    const auto choices = static_cast<std::uint64_t>(most - least) + 1;
    return least + static_cast<std::int64_t>((*this)(position, which) % choices);
  }

 private:
  std::uint64_t key_;
};

}  // namespace refloop

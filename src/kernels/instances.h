// The element types and numbers of axes that every kernel is compiled for, once, in its .cpp.
#pragma once

#include <cstdint>

#define REFLOOP_FOR_EACH_TYPE(DO) \
  DO(double)                      \
  DO(float)                       \
  DO(std::int64_t)                \
  DO(std::int32_t)                \
  DO(std::int16_t)                \
  DO(std::int8_t)                 \
  DO(std::uint8_t)

#define REFLOOP_FOR_EACH_DIMS(DO, T) DO(T, 1) DO(T, 2) DO(T, 3)
#define REFLOOP_FOR_EACH_RANK(DO, T) DO(T, 1) DO(T, 2) DO(T, 3) DO(T, 4) DO(T, 5)

// The element types and ranks that every kernel is compiled for, once, in its .cpp.
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

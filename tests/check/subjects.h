// Subjects for the tests: the right one, and some that are wrong in ways everybody can see.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "check/dispatch.h"
#include "check/tensors.h"
#include "check/ways.h"
#include "families/orders.h"
#include "refloop/check.h"

namespace refloop {

/// So that a failing test names the case.
inline void PrintTo(const Case& c, std::ostream* out) {
  *out << to_text(c);
}

/// LibTorch's own promise: the order of channels_last for such memory, else the other one.
inline const Way* promised_order(const Case& c) {
  return c.x.layout == Layout::channels_last ? channels_last_order(c) : contiguous_order(c);
}

inline const Way* no_order(const Case&) {
  return nullptr;
}

/// The known mistake of that name.
inline const Way& mistake_of(const Family& family, std::string_view name) {
  for (const Way& mistake : family.mistakes) {
    if (mistake.name == name) return mistake;
  }
  throw Error("no such mistake");
}

/// A subject that computes with the loops and then lets `spoil` do its worst.
using Spoil = std::function<void(const Case&, Tensors inputs, Outcome&)>;
inline Subject loops_then(std::string name, Spoil spoil) {
  return {std::move(name),
          [spoil](const Case& c, Tensors inputs) {
            Outcome outcome{.outputs = outputs_of(*promised_order(c), c, inputs)};
            spoil(c, inputs, outcome);
            return outcome;
          },
          promised_order};
}

inline Subject right_kernel() {
  return loops_then("right", [](const Case&, Tensors, Outcome&) {});
}

/// Calls `change(element, row-major position)` for every element of a tensor of T.
template <class T, class Change>
void for_each_element(const AnyTensor& tensor, Change&& change) {
  T* const elements = static_cast<T*>(tensor.data);
  Index position = 0;
  for_each_offset(tensor, [&](Index offset) { change(elements[offset], position++); });
}

/// All elements in row-major order, whatever the strides.
template <class T>
std::vector<T> elements(const AnyTensor& tensor) {
  std::vector<T> all;
  for_each_element<T>(tensor, [&](T value, Index) { all.push_back(value); });
  return all;
}

/// Every element becomes that number.
inline void set_all(const AnyTensor& tensor, double value) {
  dispatch(tensor.dtype, [&]<class T>() {
    for_each_element<T>(tensor, [&](T& element, Index) { element = static_cast<T>(value); });
  });
}

/// What an exception of refloop's says; empty where none is thrown.
template <class Action>
std::string complaint(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace refloop

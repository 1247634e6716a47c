// What a kernel of an operator is called with, by name: for doors that match names, or pass by place.
#pragma once

#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop {

using Names = std::vector<std::string>;

struct CallNames {
  Names inputs, outputs, settings;  // of a case that has all there are, in the order in which they are told
  Names needed;                     // the inputs that no case is without

  /// Each once: running statistics are inputs and outputs.
  Names all() const;
};
CallNames call_names(const Family& family, int dims);

/// What is updated in place (running statistics) begins as it comes.
void begin_as_given(Tensors in, Outputs out);

}  // namespace refloop

// What refloop raises when a call or a case text can't be carried out.
#pragma once

#include <stdexcept>

namespace refloop {

/// Raised before any loop runs. `what()` is one sentence with the values found and what would be accepted.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace refloop

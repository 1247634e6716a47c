// Which field of a case each argument and each result of an operator's schema is, by their names.
#pragma once

#include <ATen/core/function_schema.h>

#include <map>
#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop::parity {

/// Fields are an operator's tensors, settings (Family::arguments) and outputs, under refloop's names.
struct Matched {
  std::vector<std::string> arguments;  // the field of each; empty: it keeps its default
  std::vector<std::string> results;    // the output that each is; empty: none
};

/// `mapped` says which field an argument is where its name does not. Raises Error with one sentence, the whole schema
/// and what can be mapped, where an argument without a default is no field of the operator's.
Matched match(const c10::FunctionSchema& schema, const Family& family, int dims,
              const std::map<std::string, std::string>& mapped);

/// The type, without its `?`.
const c10::Type& without_optional(const c10::Type& type);

}  // namespace refloop::parity

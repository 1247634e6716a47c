// A case as a program is asked for it: one line of JSON. `refloop help program` says what stands in it.
#pragma once

#include <span>
#include <string>

#include "refloop/check.h"
#include "subjects/mailbox.h"

namespace refloop::subjects {

/// The tensors lie in the file at those places, the inputs before the outputs.
std::string question(const Case& c, Tensors inputs, Tensors outputs, std::span<const PlacedTensor> places,
                     const std::string& file);

/// The first line, which asks what is to be had.
std::string first_question();
/// Told by the environment too, before the first line is read.
inline constexpr int protocol = 1;

}  // namespace refloop::subjects

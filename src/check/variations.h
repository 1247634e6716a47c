// Cases that differ from another in one setting.
#pragma once

#include <string>
#include <vector>

#include "check/field.h"

namespace refloop {

/// What a setting may be beside what it is in the case: some values of its own, all element types. Other settings are
/// moved where the family's rules ask for it.
std::vector<Case> with_other_values(const Field& field, const Case& c);

/// The token that says of a setting what the case has; empty where no token does.
std::string token_of(const Field& field, const Case& c);

/// Of the case's own settings, and not of its data.
bool is_of_the_kernel(const Field& field);

}  // namespace refloop

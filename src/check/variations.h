// Cases that differ from another in one setting.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "check/field.h"

namespace refloop {

/// What a setting may be beside what it is in the case: some values of its own, all element types. Other settings are
/// moved where the family's rules ask for it.
std::vector<Case> with_other_values(const Field& field, const Case& c);

/// The case, in which one setting was moved from what it is in the base, with what the base's text leaves out because
/// it is as another setting (padding after as before) following that; `followers` are what moved.
Case with_followers(const Field& moved, Case c, const Case& base, std::set<const Field*>& followers);

/// The token that says of a setting what the case has; empty where no token does.
std::string token_of(const Field& field, const Case& c);

/// Of the case's own settings, and not of its data.
bool is_of_the_kernel(const Field& field);

}  // namespace refloop

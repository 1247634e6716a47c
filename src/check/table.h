// What people see: aligned tables, and colour only on a terminal where it is welcome.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "refloop/check.h"

namespace refloop {

/// How wide lines may be: $COLUMNS where it says, else what the terminal has. Nothing where output goes elsewhere, so
/// that every row of a table stays one line.
std::optional<std::size_t> output_width();

/// The text in lines of that width, each ended.
std::string folded(std::string_view text, std::optional<std::size_t> width = output_width());

/// Rows of cells; the first is the head. Columns of numbers are set to the right. Where rows are wider than `width`,
/// one column of text is folded; where that does not do, the last columns go to lines of their own.
std::string table(const std::vector<std::vector<std::string>>& rows, std::optional<std::size_t> width = output_width());

/// 1234567 as 1,234,567.
std::string with_commas(std::uint64_t number);

/// The text in green or red on a terminal that takes colour, else as it is.
std::string coloured(std::string_view text, Verdict verdict);

}  // namespace refloop

// The forms of a report: one file per form, one line per form in the table of report.cpp.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/report.h"

namespace refloop::cli {

/// A result as JSON has it, all but what the whole run decides: looks_like.
nlohmann::ordered_json to_json(const Result& result);

std::unique_ptr<ReportWriter> open_json_report(std::string path);
std::unique_ptr<ReportWriter> open_junit_report(std::string path);

}  // namespace refloop::cli

// What became of a worker that ended before it had answered, in words.
#pragma once

#include "refloop/check.h"
#include "subjects/mailbox.h"

namespace refloop::subjects {

/// OUTSIDE where it wrote where it may not, else CRASHED. `status` is what waitpid gave, `log` the file that its
/// standard output and error went to.
Outcome outcome_of_death(int status, const LastGasp& gasp, int log);

/// The last line in the log, or a sanitizer's summary.
std::string last_words(int log);

}  // namespace refloop::subjects

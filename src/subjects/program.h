// A live program as a subject: it is asked for one case after the other by lines of JSON on its standard input, finds
// the tensors in a file that it shares with the judge, and answers a line each. `refloop help program` has the whole of
// it; python/refloop.py is the other side in Python.
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>

#include "subjects/pool.h"
#include "subjects/worker.h"

namespace refloop::subjects {

struct ProgramOptions {
  std::string command;  // as a shell takes it
  int threads = 1;      // OMP_NUM_THREADS
  std::chrono::milliseconds time_limit{10'000};
  std::chrono::milliseconds patience{60'000};  // until it has answered its first line
};

class Program : public Runner {
 public:
  /// Starts it, and waits for its first answer. Raises Error where that does not come, or is none.
  explicit Program(const ProgramOptions& options);
  ~Program() override;
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// All that there are where it names none.
  const std::set<std::string>& operators() const override { return operators_; }
  bool names_operators() const { return names_operators_; }
  Outcome run(const Case& c, Tensors inputs, Place place) override;

 private:
  class Process;
  ProgramOptions options_;
  std::unique_ptr<Process> process_;
  std::set<std::string> operators_;
  bool names_operators_ = false;
};

struct OpenProgram {
  Pool pool;
  bool names_operators;  // or else it is to be found out which it has
};
/// Its first line may take it six times as long as a call. Raises Error as Program does; from here on nobody but the
/// system's administrator may read or trace the judging process (PR_SET_DUMPABLE).
OpenProgram open_program(const std::string& command, const ProcessOptions& options = {});

/// Where refloop.py is: of the installation that this program belongs to, else of its sources. Programs have it on
/// their PYTHONPATH.
std::string python_folder();

}  // namespace refloop::subjects

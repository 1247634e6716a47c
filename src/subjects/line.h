// Lines of text to a process, and those that it answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "subjects/child.h"

namespace refloop::subjects {

class Line {
 public:
  /// Raises Error where there are no pipes.
  Line();

  /// What the process gets as its standard input and output; until `start`, which closes them here.
  int their_input() const { return their_input_.get(); }
  int their_output() const { return their_output_.get(); }
  void start();

  /// Of no effect where nobody reads any more.
  void say(std::string text) const;
  /// No more will be said.
  void hang_up() { ours_out_ = {}; }

  enum class Came : std::uint8_t { line, end, silence };
  /// A line without its end; one without end is cut.
  Came hear(std::string& line, std::chrono::milliseconds limit);
  /// The beginning of what was said beyond the last line; empty where nothing was.
  std::string beyond();

 private:
  /// Reads what there is; false where nothing will come any more.
  bool read_more();

  Descriptor their_input_, their_output_, ours_out_, ours_in_;
  std::string heard_;
};

}  // namespace refloop::subjects

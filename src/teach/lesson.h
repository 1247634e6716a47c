// What a chapter is told through: sentences, tensors, the text of a loop, and LibTorch's agreement.
#pragma once

#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "refloop/check.h"
#include "refloop/print.h"

namespace refloop::teach {

/// The library to compare with, or the sentence why there is none.
struct LibTorch {
  std::string version;
  const Subject* subject = nullptr;
  std::string absent;
  const Subject* in_order = nullptr;  // the same library made to sum in order, where there is such a path
  /// Whether `subject` sums floats of the case in another order than it promises.
  std::function<bool(const Case&)> sums_otherwise = [](const Case&) { return false; };
};

/// Text dressed for a verdict: green or red on a terminal, else as it is.
using Paint = std::function<std::string(std::string_view, Verdict)>;

/// A command to try, and what it does.
struct Next {
  std::string_view command, says;
};

class Lesson {
 public:
  /// `open` is called when the first comparison is made, and once only: loading LibTorch takes its time.
  Lesson(std::ostream& out, std::function<LibTorch()> open, Paint paint);

  void heading(std::string_view text);
  /// A paragraph, folded to the width of the page.
  void say(std::string_view paragraph);
  /// One line as it is.
  void line(std::string_view text = "");
  /// A rule and the settings under it, as the notebook parts its outputs.
  void setting(std::string_view text);
  template <class T, std::size_t Rank>
  void show(const Tensor<T, Rank>& tensor, std::string_view title) {
    print(tensor, title, out_);
  }
  /// The function's text, cut out of the file that is compiled.
  void source(std::string_view path, std::string_view function);
  /// Runs LibTorch on the same memory and says whether it gives the same bits; `what` names the output.
  void compare(const Case& c, std::span<const AnyTensor> inputs, std::span<const AnyTensor> outputs,
               std::string_view what = "");
  void next(std::span<const Next> commands);

 private:
  std::ostream& out_;
  std::function<LibTorch()> open_;
  Paint paint_;
  LibTorch torch_;
  bool opened_ = false;
};

}  // namespace refloop::teach

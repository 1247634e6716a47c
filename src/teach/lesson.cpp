#include "teach/lesson.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ostream>
#include <utility>

#include "check/folded_lines.h"
#include "check/tensors.h"
#include "teach/source_text.h"

namespace refloop::teach {
namespace {

constexpr std::size_t page_width = 60;

std::string folded(std::string_view paragraph) {
  return fmt::format("{}", fmt::join(folded_lines(paragraph, page_width), "\n"));
}

/// The first difference in words, or nothing.
std::string difference(std::span<const AnyTensor> here, std::span<const AnyTensor> there) {
  if (here.size() != there.size()) return fmt::format("{} outputs here, {} there", here.size(), there.size());
  for (std::size_t number = 0; number < here.size(); ++number) {
    const AnyTensor& ours = here[number];
    const AnyTensor& theirs = there[number];
    if (ours.shape != theirs.shape || ours.dtype != theirs.dtype) {
      return fmt::format("{} {} here, {} {} there", to_string(ours.shape), to_text(ours.dtype), to_string(theirs.shape),
                         to_text(theirs.dtype));
    }
    const Comparison found = compare(ours, theirs, {});
    if (found.differing == 0) continue;
    return fmt::format("other bits in {} of {} elements, first at [{}]: {} here, {} there", found.differing,
                       found.compared, fmt::join(found.first, ", "), decimal(ours, found.first),
                       decimal(theirs, found.first));
  }
  return {};
}

}  // namespace

Lesson::Lesson(std::ostream& out, std::function<LibTorch()> open, Paint paint)
    : out_(out), open_(std::move(open)), paint_(std::move(paint)) {}

void Lesson::heading(std::string_view text) {
  out_ << text << '\n' << std::string(text.size(), '=') << "\n\n";
}

void Lesson::say(std::string_view paragraph) {
  out_ << folded(paragraph) << "\n\n";
}

void Lesson::line(std::string_view text) {
  out_ << text << '\n';
}

void Lesson::setting(std::string_view text) {
  out_ << std::string(60, '-') << '\n' << text << '\n';
}

void Lesson::source(std::string_view path, std::string_view function) {
  constexpr std::size_t code_width = 80;
  out_ << "--- " << path << '\n' << folded_code(function_text(path, function), code_width) << "---\n\n";
}

void Lesson::compare(const Case& c, std::span<const AnyTensor> inputs, std::span<const AnyTensor> outputs,
                     std::string_view what) {
  const bool first = !std::exchange(opened_, true);
  if (first) torch_ = open_();
  if (torch_.subject == nullptr) {
    if (first) say(fmt::format("LibTorch: not here, so nothing to compare with ({}).", torch_.absent));
    return;
  }
  const bool rounds = c.dtype == DType::f32 || c.dtype == DType::f64;
  const bool elsewhere = rounds && torch_.in_order != nullptr && torch_.sums_otherwise(c);
  if (elsewhere) {
    say("The matrix product of this LibTorch sums in an order of its own, so its floats end in other bits. What is "
        "compared is the same LibTorch with a product that sums in order, refloop's textbook path:");
  }
  const std::string name = fmt::format("LibTorch {}{}{}{}: ", torch_.version, what.empty() ? "" : ", ", what,
                                       elsewhere ? ", textbook path" : "");
  const Subject& subject = elsewhere ? *torch_.in_order : *torch_.subject;
  const Outcome outcome = subject.run(c, inputs);
  if (outcome.instead != Verdict::exact) return say(fmt::format("{}does not take it ({})", name, outcome.reason));
  const std::string differs = difference(outputs, outcome.outputs);
  const std::string text = folded(name + (differs.empty() ? "the same bits" : differs));
  out_ << name << paint_(text.substr(name.size()), differs.empty() ? Verdict::exact : Verdict::wrong) << "\n\n";
  if (!differs.empty() && rounds) {
    say("Floats that are summed in another order, or with fused steps, end in other bits. `refloop doctor` tells which "
        "kernels this LibTorch sums with.");
  }
}

void Lesson::next(std::span<const Next> commands) {
  out_ << "What to try next:\n";
  for (const Next& one : commands) out_ << fmt::format("  {}\n      {}\n", one.command, one.says);
  out_ << '\n';
}

}  // namespace refloop::teach

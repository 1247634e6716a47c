#include "check/invariance.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "check/data.h"
#include "check/differences.h"
#include "check/judging.h"
#include "check/processor_state.h"
#include "check/stopwatch.h"
#include "check/tensors.h"

namespace refloop {
namespace {

/// Image `number` of a tensor whose first axis is the batch; any other tensor as it is.
AnyTensor image_of(const AnyTensor& tensor, Index number, Index batch) {
  if (tensor.shape.size() < 2 || tensor.shape[0] != batch) return tensor;
  AnyTensor image = tensor;
  image.shape[0] = 1;
  image.data =
      static_cast<std::byte*>(image.data) + number * image.strides[0] * static_cast<Index>(element_size(image.dtype));
  return image;
}

class Invariance {
 public:
  Invariance(Prepared& prepared, const Subject& subject) : prepared_(prepared), subject_(subject) {}

  Result run() {
    const Case& c = prepared_.subject_case();
    result_.subject_case = c;
    result_.subject = subject_.name;
    const UsualState while_judging;
    const Stopwatch watch;
    base_ = run_caught(subject_, c, prepared_.inputs());
    result_.verdict = base_.instead;
    result_.reason = base_.reason;
    if (base_.instead == Verdict::exact && !are_readable(c.family->outputs(c), base_.outputs)) {
      result_.verdict = Verdict::wrong;
      result_.reason = "gave outputs of another size";
    }
    if (result_.verdict == Verdict::exact) compare_all();
    result_.subject_seconds = watch.seconds();
    return result_;
  }

 private:
  void compare_all() {
    const Case& c = prepared_.subject_case();
    std::vector<AnyTensor> elsewhere;
    for (const AnyTensor& input : prepared_.inputs()) elsewhere.push_back(copy(input));
    meet("run again elsewhere in memory", run_caught(subject_, c, elsewhere), base_.outputs);
    compare_images();
    for (const Subject::Variation& variation : subject_.variations) {
      meet(variation.says, run_caught(variation.run, c, prepared_.inputs()), base_.outputs);
    }
    if (subject_.takes_any_start) {
      for (const Index offset : {1, 3}) {
        Case moved = c;
        moved.x.offset = moved.w.offset = moved.y.offset = offset;
        run_on(moved, fmt::format("tensors that begin {} elements further on", offset));
      }
    }
    if (subject_.takes_gaps && c.x.layout == Layout::dense && c.w.layout == Layout::dense) {
      Case cut = c;
      cut.x.layout = cut.w.layout = Layout::strided;
      run_on(cut, "in a slice of a larger tensor");
    }
    if (!differing_.empty()) {
      result_.verdict = Verdict::unstable;
      result_.reason = fmt::format("{}", fmt::join(differing_, "; "));
    }
  }

  /// Images meet in the statistics of a batch that is trained on, and nowhere else.
  void compare_images() {
    Case one = prepared_.subject_case();
    const Index batch = one.batch;
    if (one.train || batch < 2) return;
    one.batch = 1;
    for (Index number = 0; number < batch; ++number) {
      std::vector<AnyTensor> image, due;
      for (const AnyTensor& input : prepared_.inputs()) {
        const bool is_input = input.name == "input";
        image.push_back(is_input ? copy_of_image(one, image_of(input, number, batch)) : input);
      }
      for (const AnyTensor& output : base_.outputs) due.push_back(image_of(output, number, batch));
      meet(fmt::format("image {} alone", number), run_caught(subject_, one, image), due);
    }
  }

  /// In memory of its own that lies as the case says.
  static AnyTensor copy_of_image(const Case& one, const AnyTensor& image) {
    AnyTensor own = make_tensor(image.name, image.dtype, image.shape, one.x);
    const std::size_t bytes = element_size(image.dtype);
    for_each_offset(image, own.strides, [&](Index from, Index to) {
      std::copy_n(static_cast<const std::byte*>(image.data) + from * static_cast<Index>(bytes), bytes,
                  static_cast<std::byte*>(own.data) + to * static_cast<Index>(bytes));
    });
    return own;
  }

  void run_on(const Case& moved, const std::string& says) {
    const std::vector<AnyTensor> inputs = inputs_of(moved);
    meet(says, run_caught(subject_, moved, inputs), base_.outputs);
  }

  /// What a variation refuses says nothing.
  void meet(const std::string& says, const Outcome& outcome, Tensors due) {
    if (outcome.instead == Verdict::skipped) return;
    if (outcome.instead != Verdict::exact) {
      differing_.push_back(fmt::format("{}: {}", says, outcome.reason));
      return;
    }
    Result compared;
    compared.subject_case = prepared_.subject_case();
    compare_outputs(compared, due, outcome.outputs, {.payloads = false, .zero_signs = true});
    result_.compared += compared.compared;
    result_.differing += compared.differing;
    if (compared.verdict != Verdict::wrong) return;
    differing_.push_back(fmt::format("{}: {}", says, compared.reason));
    if (!result_.first) result_.first = compared.first;
    result_.most_ulps = std::max(result_.most_ulps, compared.most_ulps);
  }

  Prepared& prepared_;
  const Subject& subject_;
  Outcome base_;
  Result result_;
  std::vector<std::string> differing_;
};

}  // namespace

Result judge_invariance(Prepared& prepared, const Subject& subject) {
  return Invariance(prepared, subject).run();
}

}  // namespace refloop

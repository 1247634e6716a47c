#include "parity/operator_call.h"

#include <ATen/core/jit_type.h>
#include <c10/core/GradMode.h>
#include <c10/util/StringUtil.h>
#include <torch/types.h>

#include <algorithm>
#include <cstring>

#include "check/call_names.h"
#include "kernels/arguments.h"
#include "parity/torch_tensors.h"

namespace refloop::parity {
namespace {

using subjects::Answer;

/// What the schema can't say of a case, or lacks.
struct Unsupported {
  std::string why;
};

std::string text_of(const Argument& told) {
  struct Text {
    std::string operator()(std::monostate) const { return "None"; }
    std::string operator()(bool value) const { return value ? "True" : "False"; }
    std::string operator()(Index value) const { return std::to_string(value); }
    std::string operator()(double value) const { return c10::str(value); }
    std::string operator()(const std::vector<Index>& values) const { return to_string(values); }
  };
  return std::visit(Text{}, told.value);
}

/// A setting as a value of the argument's type; nothing where that can't hold it.
std::optional<c10::IValue> converted(const Argument& told, const c10::Argument& argument) {
  const c10::TypeKind kind = without_optional(*argument.type()).kind();
  const bool is_number = kind == c10::TypeKind::NumberType;
  if (std::holds_alternative<std::monostate>(told.value)) {
    if (argument.type()->kind() == c10::TypeKind::OptionalType) return c10::IValue();
    return argument.default_value() ? std::optional(*argument.default_value()) : std::nullopt;
  }
  if (const auto* const flag = std::get_if<bool>(&told.value)) {
    if (kind == c10::TypeKind::BoolType) return *flag;
  } else if (const auto* const real = std::get_if<double>(&told.value)) {
    if (kind == c10::TypeKind::FloatType || is_number) return *real;
  } else if (const auto* const whole = std::get_if<Index>(&told.value)) {
    if (kind == c10::TypeKind::IntType || is_number) return *whole;
  } else if (const auto* const axes = std::get_if<std::vector<Index>>(&told.value)) {
    if (kind == c10::TypeKind::ListType) return *axes;
    const bool alike = std::all_of(axes->begin(), axes->end(), [&](Index one) { return one == axes->front(); });
    if (kind == c10::TypeKind::IntType && !axes->empty() && alike) return axes->front();
  }
  return std::nullopt;
}

/// What settings are where an operator knows nothing of them.
std::vector<Argument> neutral_settings(const Case& c) {
  Case neutral;
  neutral.family = c.family;
  neutral.dims = c.dims;
  neutral.after = c.before;
  const auto told = c.family->arguments(c);
  const bool is_pool =
      std::any_of(told.begin(), told.end(), [](const Argument& one) { return one.name == "kernel_size"; });
  if (is_pool) neutral.stride = c.kernel;
  return c.family->arguments(neutral);
}

/// A call in the making: the values on the stack, and the tensors among them.
class Call {
 public:
  Call(const Operator& one, const Case& c, Tensors in, Outputs out) : one_(one), c_(c), in_(in), out_(out) {
    refuse_what_it_cannot_be_told();
    begin_as_given(in, out);
    const auto& arguments = one.handle.schema().arguments();
    for (std::size_t at = 0; at < arguments.size(); ++at) {
      stack_.push_back(value_of(arguments[at], one.matched.arguments[at]));
    }
    handed_.assign(stack_.begin(), stack_.end());
  }

  Answer run() {
    one_.handle.callBoxed(&stack_);
    for (const AnyTensor& input : in_) {
      if (!one_.device.is_cpu() && is_written(input)) {
        return {.instead = Verdict::outside, .reason = c10::str("wrote into its input ", input.name)};
      }
    }
    for (AnyTensor& output : out_) {
      std::string wrong = take(output);
      if (!wrong.empty()) return {.instead = Verdict::wrong, .reason = std::move(wrong)};
    }
    return {};
  }

 private:
  /// The argument that is this field; nothing where none is.
  std::optional<std::size_t> argument_of(std::string_view field) const {
    return place_of(field, one_.matched.arguments);
  }
  std::optional<std::size_t> result_of(std::string_view field) const { return place_of(field, one_.matched.results); }
  static std::optional<std::size_t> place_of(std::string_view field, const std::vector<std::string>& fields) {
    const auto found = std::find(fields.begin(), fields.end(), field);
    return found == fields.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - fields.begin()));
  }

  void refuse_what_it_cannot_be_told() const {
    for (const AnyTensor& input : in_) {
      if (!argument_of(input.name)) throw Unsupported{c10::str("it has no argument for the ", input.name)};
    }
    for (const AnyTensor& output : out_) {
      if (!argument_of(output.name) && !result_of(output.name)) {
        throw Unsupported{c10::str("it gives no ", output.name)};
      }
    }
    const auto told = c_.family->arguments(c_), neutral = neutral_settings(c_);
    for (std::size_t at = 0; at < told.size(); ++at) {
      if (argument_of(told[at].name) || told[at].value == neutral[at].value) continue;
      throw Unsupported{c10::str("it has no argument for ", told[at].name, ", which is ", text_of(told[at]))};
    }
  }

  c10::IValue value_of(const c10::Argument& argument, const std::string& field) const {
    if (field.empty()) return *argument.default_value();
    for (const Argument& told : c_.family->arguments(c_)) {
      if (told.name != field) continue;
      if (auto value = converted(told, argument)) return std::move(*value);
      throw Unsupported{c10::str(field, " is ", text_of(told), ", which no ", argument.type()->str(), " holds")};
    }
    if (const AnyTensor* const output = find(out_, field)) return as_torch(*output).to(one_.device);
    if (const AnyTensor* const input = find(in_, field)) return as_torch(*input).to(one_.device);
    if (argument.type()->kind() == c10::TypeKind::OptionalType) return {};
    if (field == "indices") return at::empty(out_[0].shape, at::device(one_.device).dtype(at::kLong));
    throw Unsupported{c10::str("its ", argument.name(), " can't be left out")};
  }

  bool is_written(const AnyTensor& input) const {
    const auto argument = argument_of(input.name);
    if (!argument || find(out_, input.name) != nullptr) return false;
    const at::Tensor now = handed_[*argument].toTensor().cpu().contiguous(), before = as_torch(input).contiguous();
    return now.nbytes() != before.nbytes() ||
           (now.nbytes() > 0 && std::memcmp(now.data_ptr(), before.data_ptr(), before.nbytes()) != 0);
  }

  /// Writes the output from where the operator left it; what is wrong with that, in words.
  std::string take(AnyTensor& output) const {
    const auto result = result_of(output.name);
    const c10::IValue& left = result ? stack_[*result] : handed_[*argument_of(output.name)];
    const at::Tensor got = left.isTensor() ? left.toTensor() : at::Tensor();
    if (!got.defined()) return c10::str("its ", output.name, " is no tensor");
    at::Tensor due = as_torch(output);
    if (got.sizes() != due.sizes() || got.scalar_type() != due.scalar_type()) {
      return c10::str(output.name, " is ", to_string(got.sizes().vec()), " of ", c10::toString(got.scalar_type()), "; ",
                      to_string(output.shape), " of ", c10::toString(due.scalar_type()), " is due");
    }
    if (!got.is_cpu() || got.data_ptr() != due.data_ptr()) due.copy_(got);
    return {};
  }

  const Operator& one_;
  const Case& c_;
  Tensors in_;
  Outputs out_;
  std::vector<c10::IValue> stack_, handed_;
};

/// By this the macros of 1.13 that choose a kernel by its element type say that there is none.
bool says_not_implemented(const std::string& sentence) {
  return sentence.find("\" not implemented for '") != std::string::npos;
}

}  // namespace

Answer call(const Operator& one, const Case& c, Tensors in, Outputs out) {
  const c10::AutoGradMode no_grad(false);
  try {
    return Call(one, c, in, out).run();
  } catch (const Unsupported& unsupported) {
    return {.instead = Verdict::skipped, .reason = unsupported.why};
  } catch (const c10::NotImplementedError& error) {
    return {.instead = Verdict::skipped, .reason = first_line(error)};
  } catch (const std::exception& error) {
    const std::string sentence = first_line(error);
    return {.instead = says_not_implemented(sentence) ? Verdict::skipped : Verdict::wrong, .reason = sentence};
  }
}

}  // namespace refloop::parity

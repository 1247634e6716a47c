#include "cli/brought_case.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

#include "check/common_fields.h"
#include "subjects/npy.h"

namespace refloop::cli {
namespace {

/// An input that an option brings; or an output that comes beside the first.
struct TensorOption {
  std::string_view tensor, option, says;
};
constexpr TensorOption input_options[] = {
    {"input", "--input", "the input, N x C x ..."},
    {"weight", "--weight", "the weight: O x C/groups x kernel, or one number per channel"},
    {"bias", "--bias", "one number per output channel"},
    {"running_mean", "--running-mean", "of batch norm: what evaluation normalizes by, or training updates"},
    {"running_var", "--running-var", "the same, of the variance"},
};
constexpr TensorOption output_options[] = {
    {"indices", "--indices", "the indices of a pool, one file for each --output"},
    {"running_mean", "--new-running-mean", "what training left there, one file for each --output"},
    {"running_var", "--new-running-var", "the same, of the variance"},
};

/// Settings that follow from which tensors there are, and from their sizes.
constexpr const FieldKind* from_tensors[] = {&kind::number<&Case::batch>,
                                             &kind::number<&Case::channels>,
                                             &kind::number<&Case::out_channels>,
                                             &kind::axes<&Case::input>,
                                             &kind::axes_or_flat<&Case::input>,
                                             &kind::flag<&Case::bias>,
                                             &kind::flag<&Case::affine>,
                                             &kind::flag<&Case::stats>,
                                             &kind::flag<&Case::indices>,
                                             weight_layout.kind,
                                             weight_offset.kind};

bool has_kind(const Family& family, const FieldKind& kind) {
  return std::any_of(family.fields.begin(), family.fields.end(),
                     [&](const Field& field) { return field.kind == &kind; });
}

/// A weight that has the sizes of the kernel, and not one number per channel.
bool has_filters(const Family& family) {
  return has_kind(family, kind::number<&Case::out_channels>);
}

bool is_setting(const Field& field, const Family& family) {
  if (field.kind == &kind::axes<&Case::kernel>) return !has_filters(family);
  return std::find(std::begin(from_tensors), std::end(from_tensors), field.kind) == std::end(from_tensors);
}

/// Calls `visit(field, family)` for what options say.
void for_each_setting(const std::function<void(const Field&, const Family&)>& visit) {
  for (const Family* family : families) {
    for (const Field& field : family->fields) {
      if (is_setting(field, *family)) visit(field, *family);
    }
  }
}

/// `padding after` is --padding-after, `count_include_pad=False` is --no-count-include-pad.
std::string option_of(const Field& field) {
  std::string name(field.word);
  if (const auto off = name.find("=False"); off != std::string::npos) name = "no-" + name.substr(0, off);
  std::replace_if(
      name.begin(), name.end(), [](char letter) { return letter == ' ' || letter == '_'; }, '-');
  return "--" + name;
}

bool is_flag(const Field& field, const Family& family) {
  Case scratch;
  scratch.family = &family;
  try {
    return field.kind->read(field, scratch, field.key);
  } catch (const Error&) {  // it wants a number
    return false;
  }
}

bool is_said(const BroughtOptions& options, const Field& field) {
  const auto setting = options.settings.find(option_of(field));
  const auto flag = options.flags.find(option_of(field));
  return (setting != options.settings.end() && !setting->second.empty()) ||
         (flag != options.flags.end() && flag->second);
}

/// The operator that --op names, for tensors of this rank.
Case operator_case(const BroughtOptions& options, std::size_t rank) {
  std::vector<std::string> known;
  Case c;
  for (const Family* family : families) {
    known.emplace_back(family->name);
    if (options.op == family->name) {
      c.family = family;
      c.dims = std::clamp(static_cast<int>(rank) - 2, 1, 3);
    }
    for (int dims = 1; dims <= 3; ++dims) {
      known.push_back(operator_name(*family, dims));
      if (options.op != known.back()) continue;
      c.family = family;
      c.dims = dims;
    }
  }
  if (c.family == nullptr)
    throw Error(fmt::format("there is no operator {}; --op takes {}", options.op, fmt::join(known, ", ")));
  const bool is_flat = rank == 2 && c.dims == 1 && has_kind(*c.family, kind::axes_or_flat<&Case::input>);
  if (is_flat) c.dims = 0;
  if (rank == static_cast<std::size_t>(c.dims) + 2) return c;
  throw Error(fmt::format("{} has {} axes; {} takes N x C and {} more", options.inputs.at("input"), rank,
                          operator_name(c), c.dims));
}

/// Raises Error for options that are given and mean nothing to the family.
void refuse_foreign_settings(const BroughtOptions& options, const Case& c) {
  std::vector<std::string> taken;
  for (const Field& field : c.family->fields) {
    if (is_setting(field, *c.family)) taken.push_back(option_of(field));
  }
  const auto refuse = [&](const std::string& option, bool given) {
    if (!given || std::find(taken.begin(), taken.end(), option) != taken.end()) return;
    throw Error(
        fmt::format("{} takes no {}: of settings it takes {}", operator_name(c), option, fmt::join(taken, ", ")));
  };
  for (const auto& [option, value] : options.settings) refuse(option, !value.empty());
  for (const auto& [option, given] : options.flags) refuse(option, given);
}

void read_settings(const BroughtOptions& options, Case& c) {
  for (const Field& field : c.family->fields) {
    if (!is_setting(field, *c.family) || !is_said(options, field)) continue;
    const auto value = options.settings.find(option_of(field));
    const std::string said = value == options.settings.end() ? "" : value->second;
    if (!field.kind->read(field, c, std::string(field.key) + said))
      throw Error(fmt::format("{} takes {}, not '{}'", option_of(field), field.kind->takes(field), shown(said)));
  }
  for (const Field& field : c.family->fields) {
    if (!is_setting(field, *c.family) || is_said(options, field)) continue;
    if (field.required) {
      std::fill_n(c.kernel.begin(), c.dims, 1);  // until it is found out
    } else {
      field.kind->absent(field, c);
    }
  }
}

std::string described(const AnyTensor& tensor) {
  return fmt::format("{} {}", to_string(tensor.shape), to_text(tensor.dtype));
}

/// Sizes and flags, as far as they follow from the tensors.
void take_sizes(Case& c, const BroughtOptions& options, Tensors brought) {
  const AnyTensor &input = brought[0], *const weight = find(brought, "weight");
  c.dtype = input.dtype;
  c.data = Data::special;
  c.batch = input.shape[0];
  c.channels = input.shape[1];
  std::copy(input.shape.begin() + 2, input.shape.end(), c.input.begin());
  c.indices = has_kind(*c.family, kind::flag<&Case::indices>) && !options.more_outputs.at("indices").empty();
  c.stats = has_kind(*c.family, kind::flag<&Case::stats>) && !options.more_outputs.at("running_mean").empty();
  c.bias = has_filters(*c.family) && find(brought, "bias") != nullptr;
  c.affine = !has_filters(*c.family) && weight != nullptr;
  if (!has_filters(*c.family)) return;
  if (weight == nullptr) throw Error(fmt::format("{} takes --weight", operator_name(c)));
  if (weight->shape.size() != input.shape.size())
    throw Error(fmt::format("{} is {}; the weight of {} has {} axes", options.inputs.at("weight"), described(*weight),
                            operator_name(c), input.shape.size()));
  c.out_channels = weight->shape[0];
  std::copy(weight->shape.begin() + 2, weight->shape.end(), c.kernel.begin());
  const Index per_group = weight->shape[1];
  if (per_group > 0 && c.channels % per_group == 0) c.groups = c.channels / per_group;
}

/// Raises Error where the tensors are not the case's.
void check_tensors(const Case& c, const BroughtOptions& options, Tensors brought) {
  const std::vector<AnyTensor> due = c.family->inputs(c);
  for (const TensorOption& one : input_options) {
    const AnyTensor *const wanted = find(due, one.tensor), *const given = find(brought, one.tensor);
    if (wanted == nullptr && given == nullptr) continue;
    if (wanted == nullptr)
      throw Error(fmt::format("{} takes no {} as it is called here", operator_name(c), one.option));
    if (given == nullptr)
      throw Error(fmt::format("{} takes {} too as it is called here", operator_name(c), one.option));
    if (wanted->shape == given->shape && wanted->dtype == given->dtype) continue;
    throw Error(fmt::format("{} is {}; as {} of {} on {} with these settings {} is due", options.inputs.at(one.tensor),
                            described(*given), one.tensor, operator_name(c), described(brought[0]),
                            described(*wanted)));
  }
  const std::vector<AnyTensor> outputs = c.family->outputs(c);
  for (const TensorOption& one : output_options) {
    const std::vector<std::string>& given = options.more_outputs.at(one.tensor);
    const bool is_due = find(outputs, one.tensor) != nullptr;
    if (is_due == given.empty())
      throw Error(
          fmt::format("{} {} {} as it is called here", operator_name(c), is_due ? "takes" : "takes no", one.option));
    if (is_due && given.size() != options.outputs.size())
      throw Error(fmt::format("{} names {} files for {} outputs; it takes one for each", one.option, given.size(),
                              options.outputs.size()));
  }
}

}  // namespace

void add_brought_options(CLI::App& command, BroughtOptions& options) {
  command.add_option("--op", options.op, "the operator: conv2d, max_pool2d, ...; or conv, its axes as the input's")
      ->required();
  for (const TensorOption& one : input_options) {
    auto* const option = command.add_option(std::string(one.option), options.inputs[one.tensor], std::string(one.says));
    option->required(one.tensor == "input");
  }
  command.add_option("--output", options.outputs, "what somebody's kernel gave; may be given several times")
      ->required();
  for (const TensorOption& one : output_options) {
    command.add_option(std::string(one.option), options.more_outputs[one.tensor], std::string(one.says));
  }
  for_each_setting([&](const Field& field, const Family& family) {
    const std::string name = option_of(field);
    if (options.settings.contains(name) || options.flags.contains(name)) return;
    if (is_flag(field, family)) {
      command.add_flag(name, options.flags[name], std::string(field.word));
    } else {
      command.add_option(name, options.settings[name], fmt::format("{}: {}", field.word, field.kind->takes(field)));
    }
  });
}

Prepared read_brought_case(const BroughtOptions& options) {
  std::vector<AnyTensor> brought;
  for (const TensorOption& one : input_options) {
    const std::string& file = options.inputs.at(one.tensor);
    if (!file.empty()) brought.push_back(subjects::read_npy(file, one.tensor));
  }
  Case c = operator_case(options, brought[0].shape.size());
  refuse_foreign_settings(options, c);
  take_sizes(c, options, brought);
  read_settings(options, c);
  const auto& dtypes = c.family->dtypes;
  if (std::find(dtypes.begin(), dtypes.end(), c.dtype) == dtypes.end())
    throw Error(fmt::format("{} has no loops for {}", operator_name(c), to_text(c.dtype)));
  c.family->legal(c);
  check_tensors(c, options, brought);
  return {c, std::move(brought)};
}

std::vector<AnyTensor> read_brought_outputs(const BroughtOptions& options, const Case& c, std::size_t which) {
  std::vector<AnyTensor> outputs;
  const auto read = [&](const std::string& file, std::string_view name, DType dtype) {
    outputs.push_back(subjects::read_npy(file, name));
    if (outputs.back().dtype == dtype) return;
    throw Error(fmt::format("{} holds {}; of these inputs {} of {} is {}", file, to_text(outputs.back().dtype), name,
                            operator_name(c), to_text(dtype)));
  };
  read(options.outputs[which], "output", c.dtype);
  for (const TensorOption& one : output_options) {
    const auto& files = options.more_outputs.at(one.tensor);
    if (files.empty()) continue;
    read(files[which], one.tensor, one.tensor == "indices" ? DType::int64 : c.dtype);
  }
  return outputs;
}

OpenSettings open_settings(const BroughtOptions& options, const Case& c) {
  const auto is_open = [&](const FieldKind& kind) {
    return std::any_of(c.family->fields.begin(), c.family->fields.end(), [&](const Field& field) {
      return field.kind == &kind && is_setting(field, *c.family) && !is_said(options, field);
    });
  };
  return {.kernel = is_open(kind::axes<&Case::kernel>),
          .stride = is_open(kind::axes<&Case::stride>) || is_open(kind::axes_as<&Case::stride, &Case::kernel>),
          .padding = is_open(kind::axes<&Case::before>),
          .padding_after = is_open(kind::axes_as<&Case::after, &Case::before>),
          .dilation = is_open(kind::axes<&Case::dilation>),
          .ceil_mode = is_open(kind::flag<&Case::ceil>)};
}

std::string in_options(const Case& c) {
  std::string text;
  for (const Field& field : c.family->fields) {
    const std::string token = field.kind->write(field, c);
    if (token.empty() || !is_setting(field, *c.family)) continue;
    const std::string value = token.substr(1 + field.key.size());
    text += fmt::format("{}{}{}{}", text.empty() ? "" : " ", option_of(field), value.empty() ? "" : " ", value);
  }
  return text;
}

std::string case_without_data(const Case& c) {
  std::string text = operator_name(c);
  for (const Field& field : c.family->fields) text += field.kind->write(field, c);
  return fmt::format("{}_{}", text, to_text(c.dtype));
}

}  // namespace refloop::cli

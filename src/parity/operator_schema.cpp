#include "parity/operator_schema.h"

#include <ATen/core/jit_type.h>
#include <c10/util/StringUtil.h>

#include <algorithm>
#include <iterator>

#include "check/call_names.h"

namespace refloop::parity {
namespace {

/// Names that arguments have elsewhere.
struct Alias {
  std::string_view name, field;
};
constexpr Alias aliases[] = {{"x", "input"}, {"self", "input"}, {"w", "weight"}, {"b", "bias"}, {"out", "output"}};

bool holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_tensor(const c10::Argument& argument) {
  return without_optional(*argument.type()).kind() == c10::TypeKind::TensorType;
}

/// A number, a truth value or a list of whole numbers.
bool is_setting(const c10::Argument& argument) {
  const c10::Type& type = without_optional(*argument.type());
  switch (type.kind()) {
    case c10::TypeKind::IntType:
    case c10::TypeKind::FloatType:
    case c10::TypeKind::BoolType:
    case c10::TypeKind::NumberType:
      return true;
    case c10::TypeKind::ListType:
      return type.expectRef<c10::ListType>().getElementType()->kind() == c10::TypeKind::IntType;
    default:
      return false;
  }
}

bool suits(const c10::Argument& argument, const std::string& field, const CallNames& fields) {
  return holds(fields.settings, field) ? is_setting(argument) : is_tensor(argument) && holds(fields.all(), field);
}

std::string field_named(const std::string& name, const CallNames& fields) {
  if (holds(fields.all(), name)) return name;
  const auto* const alias =
      std::find_if(std::begin(aliases), std::end(aliases), [&](const Alias& one) { return one.name == name; });
  return alias == std::end(aliases) ? "" : std::string(alias->field);
}

[[noreturn]] void refuse(const c10::FunctionSchema& schema, const std::string& why) {
  throw Error(c10::str(c10::toString(schema), ": ", why));
}

/// Tensors and settings go by their names, or by what --map says.
std::string field_of(const c10::Argument& argument, const c10::FunctionSchema& schema, const CallNames& fields,
                     const std::map<std::string, std::string>& mapped) {
  const auto told = mapped.find(argument.name());
  std::string field = field_named(told == mapped.end() ? argument.name() : told->second, fields);
  if (!field.empty() && suits(argument, field, fields)) return field;
  if (told != mapped.end()) {
    refuse(schema, c10::str("--map ", told->first, "=", told->second, ": ",
                            field.empty() ? "there is no such field" : "it can't be of that type", "; there are ",
                            c10::Join(", ", fields.all())));
  }
  if (argument.default_value()) return {};
  if (holds(fields.all(), field)) {
    refuse(schema, c10::str("its argument ", argument.name(), " is a ", argument.type()->str(), ", which the ", field,
                            " of a case can't be"));
  }
  refuse(schema, c10::str("what its argument ", argument.name(), " is can't be told; say it with --map ",
                          argument.name(), "=FIELD, of ", c10::Join(", ", fields.all())));
}

/// By their names, else by their places: the output comes first. What is also an input (a running mean) is a result
/// only under its name, since it may be updated in place, and other statistics be returned.
Names results_of(const c10::FunctionSchema& schema, const CallNames& fields, const Names& arguments) {
  Names results;
  for (const c10::Argument& result : schema.returns()) {
    std::string name = result.name();
    if (name.ends_with("_out")) name.resize(name.size() - std::string_view("_out").size());
    const std::size_t at = results.size();
    const std::string by_name = field_named(name, fields);
    const std::string by_place = at < fields.outputs.size() ? fields.outputs[at] : "";
    std::string field = holds(fields.outputs, by_name) ? by_name : holds(fields.inputs, by_place) ? "" : by_place;
    if (!is_tensor(result) || (holds(arguments, field) && !holds(fields.inputs, field))) field.clear();
    results.push_back(std::move(field));
  }
  return results;
}

}  // namespace

const c10::Type& without_optional(const c10::Type& type) {
  return type.kind() == c10::TypeKind::OptionalType ? *type.expectRef<c10::OptionalType>().getElementType() : type;
}

Matched match(const c10::FunctionSchema& schema, const Family& family, int dims,
              const std::map<std::string, std::string>& mapped) {
  const CallNames fields = call_names(family, dims);
  for (const auto& [argument, field] : mapped) {
    if (!schema.argumentIndexWithName(argument)) {
      refuse(schema, c10::str("--map ", argument, "=", field, ": there is no argument ", argument));
    }
  }
  Matched matched;
  for (const c10::Argument& argument : schema.arguments()) {
    std::string field = field_of(argument, schema, fields, mapped);
    if (!field.empty() && holds(matched.arguments, field)) {
      refuse(schema, c10::str("two of its arguments are ", field, "; --map says which is what"));
    }
    matched.arguments.push_back(std::move(field));
  }
  for (const std::string& needed : fields.needed) {
    if (holds(matched.arguments, needed)) continue;
    refuse(schema, c10::str("none of its arguments is the ", needed, " of a ", operator_name(family, dims),
                            "; say which with --map ARGUMENT=", needed));
  }
  matched.results = results_of(schema, fields, matched.arguments);
  const std::string& output = fields.outputs.front();
  if (!holds(matched.results, output) && !holds(matched.arguments, output)) {
    refuse(schema, c10::str("it returns no tensor, and has no argument ", output, " to write to"));
  }
  return matched;
}

}  // namespace refloop::parity

#include "check/call_names.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "check/kinds.h"
#include "check/tensors.h"

namespace refloop {

Names CallNames::all() const {
  Names names = inputs;
  for (const Names& more : {settings, outputs}) {
    std::copy_if(more.begin(), more.end(), std::back_inserter(names),
                 [&](const std::string& name) { return std::find(names.begin(), names.end(), name) == names.end(); });
  }
  return names;
}

CallNames call_names(const Family& family, int dims) {
  const auto names_of = [](const auto& list) {
    Names names;
    for (const auto& one : list) names.emplace_back(one.name);
    return names;
  };
  Case most;
  most.family = &family;
  most.dims = dims;
  most.batch = 2;
  most.input = {2, 2, 2};
  most.kernel = {1, 1, 1};
  most.train = true;
  const Case least = most;
  most.bias = most.affine = most.stats = true;
  most.indices = std::any_of(family.fields.begin(), family.fields.end(),
                             [](const Field& field) { return field.kind == &kind::flag<&Case::indices>; });
  return {.inputs = names_of(family.inputs(most)),
          .outputs = names_of(family.outputs(most)),
          .settings = names_of(family.arguments(most)),
          .needed = names_of(family.inputs(least))};
}

void begin_as_given(Tensors in, Outputs out) {
  for (const AnyTensor& updated : out) {
    const AnyTensor* const given = find(in, updated.name);
    if (given == nullptr) continue;
    const std::size_t bytes = element_size(updated.dtype);
    for_each_offset(updated, given->strides, [&](Index to, Index from) {
      std::copy_n(static_cast<const std::byte*>(given->data) + static_cast<std::size_t>(from) * bytes, bytes,
                  static_cast<std::byte*>(updated.data) + static_cast<std::size_t>(to) * bytes);
    });
  }
}

}  // namespace refloop

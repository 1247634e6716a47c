#include "families/transform_tools.h"

#include <algorithm>
#include <cmath>

#include "check/bound.h"
#include "check/data.h"
#include "check/tensors.h"
#include "families/case_tools.h"

namespace refloop {

Margins raised_margins(const Case& c, const Declared& declared, Tensors in, const std::vector<double>& radii) {
  Margins margins = margins_of_sums(c, declared, in);
  const Arithmetic sums = arithmetic_of(c, declared), elements = arithmetic_of(c.dtype);
  for (std::size_t at = 0; at < radii.size(); ++at) {
    Margin& margin = margins[0][at];
    double radius = radii[at];
    if (sums.name != elements.name) radius += elements.unit * (std::abs(margin.exact) + radius) + elements.tiny / 2;
    radius *= 1 + 1e-9;  // for how the radius itself rounds
    if (!(radius < unknown_radius)) radius = unknown_radius;
    margin.radius = std::max(margin.radius, radius);
  }
  return margins;
}

std::vector<AnyTensor> telling_numbers(const Case& c, Index kept, Index most) {
  std::vector<AnyTensor> tensors = c.family->inputs(c);
  for (AnyTensor& tensor : tensors) fill_integers(tensor, c, most);
  const Index channels = c.channels / c.groups, volume = volume_of(c.kernel, c.dims), left = std::min(kept, channels);
  const Draw draw(c.seed, "telling");
  const auto value = elements_of(tensors[1]);
  fill(tensors[1], [&](Index position) -> Index {
    const Index filter = position / volume / channels, channel = position / volume % channels;
    const Index turn = filter == 0 ? 0 : draw.between(0, channels - 1, filter), turned = (channel + turn) % channels;
    const bool keep = (turned + 1) * left / channels != turned * left / channels;
    return keep ? static_cast<Index>(value[static_cast<std::size_t>(position)]) : 0;
  });
  return tensors;
}

}  // namespace refloop

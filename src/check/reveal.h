// The tree by which a subject adds the terms of one output, revealed by asking it; see check/probe.h.
#pragma once

#include <optional>
#include <vector>

#include "check/sum_tree.h"
#include "refloop/check.h"

namespace refloop {

/// Which elements an output is made of: of the input for each term, and of the bias.
struct Sources {
  std::vector<Index> input = {};  // -1: padding
  Index bias = -1;
  std::vector<bool> present() const {
    std::vector<bool> read;
    for (const Index at : input) read.push_back(at >= 0);
    return read;
  }
};

/// Of each output, read off the loops by giving them each element's number in place of its value.
std::vector<Sources> sources_of(const Case& c);

struct Revelation {
  std::optional<SumTree> tree;  // nothing where what the subject gives is no sum by a tree
  Index calls = 0;
};
/// Of output number `output`, an average's divided by `divisor`.
Revelation reveal(const Case& c, const Subject& subject, const Sources& sources, Index output, Index divisor);

}  // namespace refloop

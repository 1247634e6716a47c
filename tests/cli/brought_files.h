// Tensors as somebody brings them: in a folder of its own, written from what the loops make of a case.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "check/data.h"
#include "check/tensors.h"
#include "check/terms.h"
#include "check/ways.h"
#include "cli/program.h"
#include "subjects/npy.h"

namespace refloop::cli {

namespace fs = std::filesystem;

class InAFolder : public InOwnShell {
 protected:
  void put(const std::string& name, const AnyTensor& tensor) const {
    subjects::write_npy((folder_ / name).string(), tensor);
  }
  /// One sentence, exit status 2.
  void expect_refusal(const std::string& line, const std::string& sentence) const {
    const Printed printed = run_here(line);
    EXPECT_EQ(printed.status, 2) << line << "\n" << printed.text;
    EXPECT_EQ(printed.text, "refloop: " + sentence + "\n") << line;
  }
};

/// The case's inputs, and what the loops make of them in one of its orders.
struct Computed {
  Case c;
  std::vector<AnyTensor> inputs;

  explicit Computed(const std::string& text) : c(parse(text)), inputs(inputs_of(c)) {}
  std::vector<AnyTensor> outputs(std::size_t order = 0) const { return outputs_of(c.family->orders[order], c, inputs); }
  /// Of f32, each output from its terms.
  AnyTensor summed(const std::function<float(const Terms&)>& sum) const {
    AnyTensor output = c.family->outputs(c)[0];
    auto* to = static_cast<float*>(output.data);
    c.family->nests[0].each(c, inputs, [&](const Terms& terms) { *to++ = sum(terms); });
    return output;
  }
};

}  // namespace refloop::cli

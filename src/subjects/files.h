// Cases for a kernel on a machine that is elsewhere: a folder of inputs as .npy files and a manifest.json that says
// what they are and which files the outputs go to; and the outputs that were put there, as a subject.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop::subjects {

/// Writes the cases, which lie densely in memory, into a folder that is not there yet, or empty: whole, or not at all.
/// Equal cases make equal bytes. Raises Error where that can't be, or `stop` says so.
void export_cases(
    const std::string& folder, std::span<const Case> cases, const Stop& stop = [] { return false; });

/// A folder of exported cases. Nothing in it is believed: cases are what their texts say, and files outside of it are
/// not read.
class Files {
 public:
  /// Raises Error where the manifest can't be read, is of another data version, or names what is not a case of its own.
  explicit Files(const std::string& folder);

  const std::vector<Case>& cases() const { return cases_; }
  /// conv2d, max_pool2d, ...: of which there are cases.
  std::set<std::string> operators() const;
  /// Answers with the outputs that were put there, once and for all; what is missing is SKIPPED.
  Subject subject() const;

 private:
  using OutputFiles = std::map<std::string, std::vector<std::string>>;  // by the case's text, in the order of outputs

  std::string name_;
  std::vector<Case> cases_;
  std::shared_ptr<OutputFiles> outputs_ = std::make_shared<OutputFiles>();
};

}  // namespace refloop::subjects

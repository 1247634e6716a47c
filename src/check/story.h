// A failure told to a person: verdict, where, looks like, the smallest case and its tensors, how to run it again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "refloop/check.h"

namespace refloop {

/// What the failures of a subject and family have in common: the known mistakes that give the bits of each.
class Likenesses {
 public:
  void add(const Result& failure);
  /// Whether the bits of a failure speak for or against a mistake. In another order of summation they are others, and
  /// so they are where special data differ legally besides.
  static bool tells(const Result& failure);

  /// The known mistake that every failure of the result's subject and family looks like; empty where there is none.
  std::string looks_like(const Result& failure) const;
  /// The same in words, or how many of the failures one explains.
  std::string in_words(const Result& failure) const;

 private:
  struct Likeness {
    std::uint64_t failures = 0;
    std::map<std::string, std::uint64_t> explained;  // by known mistake
  };
  std::map<std::pair<std::string, const Family*>, Likeness> all_;  // by subject and family
};

/// Everything known about a failure, in lines. The headline is the verdict as `verdict` has it (coloured, say), the
/// case and the subject; `again` is the command that runs the subject, up to the case that follows.
std::string story(const Result& failure, const Likenesses& likenesses, const std::string& verdict,
                  const std::string& again);

}  // namespace refloop

// The cases for a kernel that nobody knows: telling and cheap ones first, of the settings that it takes, on data on
// which it can be judged though it promises no order of summation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "check/takes.h"
#include "refloop/check.h"

namespace refloop {

/// Which memory an outside kernel may be given.
struct Layouts {
  bool strided = false, channels_last = false, unaligned = false;
};

struct SuiteOptions {
  bool sweeps = true;          // or random cases alone
  std::size_t most_named = 0;  // of the families' sweeps; 0: all
  Index most_work = 0;         // of a named case; 0: any
  std::uint64_t random = 0, seed = 0;
  Layouts layouts{};
  std::vector<Case> replayed{};      // come first, those that the options allow
  std::vector<Case> taken_before{};  // come behind the sweeps, those that the options allow, whatever is taken now
};

/// How much of the suite is run.
struct Tier {
  std::string_view name, says;
  std::size_t most_named;
  Index most_work;
  std::uint64_t random;
  double most_seconds;  // 0: as long as it takes
};
inline constexpr Tier tiers[] = {
    {"smoke", "at most 10 s: the telling and cheap cases", 1000, 1'000'000, 1000, 8},
    {"full", "every named case, the layers of known networks, and 30,000 random ones", 0, 0, 30'000, 0},
    {"soak", "full, then random cases until --minutes have passed", 0, 0, 30'000, 0},
};
/// Null where there is none of that name.
const Tier* tier_of(std::string_view name);

/// Whether there are cases like the pattern on which a subject that promises no order can be judged.
bool is_comparable(const Pattern& pattern);

/// Named cases, and random ones behind them.
class Suite {
 public:
  /// `takes`, of each operator; of those without, nothing is run.
  Suite(const std::vector<Takes>& takes, const SuiteOptions& options);

  std::uint64_t count() const { return named_.size() + (patterns_.empty() ? 0 : random_); }
  /// Whether there are random ones.
  bool draws() const { return !patterns_.empty(); }
  /// Behind `count` come more random ones.
  std::optional<Prepared> operator()(std::uint64_t number) const;

 private:
  std::vector<Case> named_;
  std::vector<Pattern> patterns_;
  std::uint64_t random_, seed_;
};

}  // namespace refloop

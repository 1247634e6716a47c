#include "check/takes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "check/common_fields.h"
#include "check/mix.h"
#include "check/variations.h"

namespace refloop {
namespace {

/// A kernel that never answers costs its whole time limit each time.
constexpr int most_without_answer = 1;

class Asking {
 public:
  Asking(const Subject& subject, const Stop& stop) : subject_(subject), stop_(stop) {}

  /// Whatever is no refusal is taken: what it computes is judged later.
  bool takes(const Case& c) {
    if (without_answer_ >= most_without_answer || stop_()) return true;
    Prepared prepared(c);
    const Outcome outcome = subject_.run(c, prepared.inputs());
    without_answer_ += outcome.instead == Verdict::hung ? 1 : 0;
    if (outcome.instead != Verdict::skipped) return true;
    refusal_ = outcome.reason;
    return false;
  }
  const std::string& refusal() const { return refusal_; }

 private:
  const Subject& subject_;
  const Stop& stop_;
  int without_answer_ = 0;
  std::string refusal_;
};

Case first_case(const Pattern& pattern, const Draw& draw) {
  constexpr Index channels[] = {8, 4, 16, 3, 1, 32, 64}, sizes[] = {8, 16, 9, 14, 32};
  Case c;
  c.family = pattern.family;
  c.dims = pattern.dims.value_or(2);
  c.channels = channels[draw.between(0, 6, 0)];
  c.out_channels = channels[draw.between(0, 6, 1)];
  std::fill_n(c.input.begin(), c.dims, sizes[draw.between(0, 4, 2)]);
  std::fill_n(c.kernel.begin(), c.dims, 3);
  c.family->as_in_networks(c, draw, 3);
  const std::span<const DType> dtypes = c.family->dtypes;
  const bool is_f32 = draw.between(0, 2, 100) > 0;
  c.dtype = is_f32 ? DType::f32 : dtypes[draw(101) % dtypes.size()];
  if (draw.between(0, 1, 102) == 1) c.bias = true;
  pattern.apply(c);
  c.family->settle(c);
  return c;
}

bool fits(const Pattern& pattern, const Case& c) {
  constexpr Index most_work = 3'000'000;
  return pattern.matches(c) && is_legal(c) && c.family->work(c) <= most_work;
}

std::optional<Case> first_taken(Asking& asking, const Pattern& pattern) {
  constexpr std::uint64_t most_asked = 400;
  for (std::uint64_t number = 0; number < most_asked; ++number) {
    const Case c = first_case(pattern, Draw(number, "what it takes"));
    if (fits(pattern, c) && asking.takes(c)) return c;
  }
  return std::nullopt;
}

Pattern joined(Pattern pattern, const Field& field, const std::string& token) {
  const bool said = std::any_of(pattern.says.begin(), pattern.says.end(),
                                [&](const Pattern::Says& says) { return says.field == &field; });
  if (!said && !token.empty()) pattern.says.push_back({&field, token});
  return pattern;
}

/// Other values of the setting; those that are the same on all axes too, which are seldom drawn and all that some take.
std::vector<Case> tried_values(const Field& field, const Case& base) {
  std::vector<Case> others = with_other_values(field, base);
  constexpr Index most = 3;
  for (Index value = field.least; field.most > 0 && value < field.least + most; ++value) {
    Case alike = base;
    field.kind->read(field, alike, fmt::format("{}{}", field.key, value));
    if (alike != base && std::find(others.begin(), others.end(), alike) == others.end()) others.push_back(alike);
  }
  return others;
}

}  // namespace

Takes what_it_takes(const Subject& subject, const Pattern& pattern, bool any_memory, const Stop& stop) {
  Asking asking(subject, stop);
  const std::optional<Case> base = first_taken(asking, pattern);
  if (!base) return {.patterns = {}, .always = pattern, .refusal = asking.refusal()};

  struct Partly {
    const Field* field;
    std::string usual;
    std::vector<std::string> others;
  };
  std::vector<Partly> partly;
  std::set<const Field*> following;  // what another setting can't be varied without
  Takes takes{.patterns = {}, .always = pattern, .refusal = {}};
  takes.always.dims = std::max(base->dims, 1);
  for_each_field(*base->family, [&](const Field& field) {
    if (!is_of_the_kernel(field) || (!any_memory && !field.of_memory.empty())) return;
    std::vector<std::string> taken;
    bool refused = false;
    for (const Case& other : tried_values(field, *base)) {
      if (!fits(pattern, other)) continue;
      std::set<const Field*> followers;
      const Case followed = with_followers(field, other, *base, followers);
      if (asking.takes(other)) {
        taken.push_back(token_of(field, other));
      } else if (!followers.empty() && fits(pattern, followed) && asking.takes(followed)) {
        taken.push_back(token_of(field, other));
        following.merge(followers);
      } else {
        refused = true;
      }
    }
    if (!refused) return;
    const bool follows = following.contains(&field);
    const std::string usual = follows ? "no" + std::string(field.key) : token_of(field, *base);
    if (taken.empty()) {
      takes.always = joined(takes.always, field, usual);
    } else {
      partly.push_back({&field, usual, taken});
    }
  });

  Pattern usual = takes.always;
  for (const Partly& one : partly) usual = joined(usual, *one.field, one.usual);
  takes.patterns.push_back(usual);
  for (const Partly& one : partly) {
    for (const std::string& other : one.others) {
      Pattern varied = joined(takes.always, *one.field, other);
      for (const Partly& rest : partly) varied = joined(varied, *rest.field, rest.usual);
      takes.patterns.push_back(varied);
    }
  }
  takes.refusal = asking.refusal();
  return takes;
}

std::string to_text(const Pattern& pattern) {
  std::string text = operator_name(*pattern.family, pattern.dims.value_or(2));
  for (const auto& [field, token] : pattern.says) text += '_' + token;
  return text;
}

}  // namespace refloop

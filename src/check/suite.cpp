#include "check/suite.h"

#include <algorithm>
#include <set>

#include "check/common_fields.h"
#include "check/judging.h"
#include "check/mix.h"

namespace refloop {
namespace {

bool is_allowed(const Memory& memory, const Layouts& layouts) {
  const bool dense = memory.layout == Layout::dense;
  const bool channels_last = memory.layout == Layout::channels_last;
  return (memory.offset == 0 || layouts.unaligned) &&
         (dense || layouts.strided || (channels_last && layouts.channels_last));
}

bool is_allowed(const Case& c, const Layouts& layouts) {
  return is_allowed(c.x, layouts) && is_allowed(c.w, layouts) && is_allowed(c.y, layouts);
}

/// The case on data whose sums are exact, where it was on some that can't be judged: with special values too, if any.
Case on_exact_data(Case c) {
  if (can_be_judged_without_order(c)) return c;
  c.data = Data::special;
  if (!c.family->all_orders_agree(c)) c.data = c.seed % 2 == 0 ? Data::integer : Data::wide;
  return c;
}

/// The pattern with every kind of data that can be judged, unless it says which itself; and in dense memory, unless
/// other memory is asked for.
void add_variants(std::vector<Pattern>& patterns, const Pattern& pattern, const Layouts& layouts) {
  const auto says = [&](const FieldKind& kind) {
    return std::any_of(pattern.says.begin(), pattern.says.end(),
                       [&](const Pattern::Says& one) { return one.field->kind == &kind; });
  };
  const auto saying = [](Pattern told, const std::string& token) {
    Case scratch;
    scratch.family = told.family;
    scratch.dims = told.dims.value_or(2);
    for_each_field(*told.family, [&](const Field& field) {
      const bool known = std::any_of(told.says.begin(), told.says.end(),
                                     [&](const Pattern::Says& one) { return one.field == &field; });
      if (!known && field.kind->read(field, scratch, token)) told.says.push_back({&field, token});
    });
    return told;
  };
  Pattern base = pattern;
  if (!layouts.strided && !layouts.channels_last) base = saying(base, "dense");
  if (!layouts.unaligned) base = saying(base, "offset0");
  const auto add = [&](const Pattern& variant) {
    if (is_comparable(variant)) patterns.push_back(variant);
  };
  if (says(kind::word<&Case::data, data_terms>)) return add(base);
  for (const char* data : {"integer", "wide", "coded", "real", "special"}) add(saying(base, data));
}

}  // namespace

const Tier* tier_of(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(tiers), std::end(tiers), [&](const Tier& tier) { return tier.name == name; });
  return found == std::end(tiers) ? nullptr : found;
}

bool is_comparable(const Pattern& pattern) {
  try {
    sample(pattern, 0, 0, can_be_judged_without_order);
    return true;
  } catch (const Error&) {
    return false;
  }
}

Suite::Suite(const std::vector<Takes>& takes, const SuiteOptions& options)
    : random_(options.random), seed_(options.seed) {
  std::set<std::string> texts;
  const auto add = [&](const Case& c) {
    const bool is_run = is_allowed(c, options.layouts) && can_be_judged_without_order(c);
    if (is_run && texts.insert(to_text(c)).second) named_.push_back(c);
  };
  for (const Case& c : options.replayed) {
    const bool is_taken =
        std::any_of(takes.begin(), takes.end(), [&](const Takes& one) { return one.always.matches(c); });
    if (is_taken) add(c);
  }
  std::vector<Case> swept;
  for (const Takes& one : takes) {
    for (const Pattern& pattern : one.patterns) add_variants(patterns_, pattern, options.layouts);
    if (!options.sweeps) continue;
    for (Sweep& sweep : one.always.family->sweeps()) {
      for (const Case& as_swept : sweep.cases) {
        const Case c = on_exact_data(as_swept);
        if (!one.always.matches(c) || !is_allowed(c, options.layouts) || !can_be_judged_without_order(c)) continue;
        if (options.most_work > 0 && c.family->work(c) > options.most_work) continue;
        if (texts.insert(to_text(c)).second) swept.push_back(c);
      }
    }
  }
  if (options.most_named > 0 && swept.size() > options.most_named) {
    const auto by_hash = [](const Case& a, const Case& b) { return hash(to_text(a)) < hash(to_text(b)); };
    std::sort(swept.begin(), swept.end(), by_hash);
    swept.resize(options.most_named);
  }
  std::stable_sort(swept.begin(), swept.end(),
                   [](const Case& a, const Case& b) { return a.family->work(a) < b.family->work(b); });
  named_.insert(named_.end(), swept.begin(), swept.end());
  for (const Case& c : options.taken_before) add(c);
}

std::optional<Prepared> Suite::operator()(std::uint64_t number) const {
  if (number < named_.size()) return std::optional<Prepared>(named_[number]);
  const std::uint64_t index = number - named_.size();
  const Pattern& pattern = patterns_[index % patterns_.size()];
  return sample(pattern, seed_, index / patterns_.size(), can_be_judged_without_order);
}

}  // namespace refloop

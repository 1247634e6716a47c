#include "check/variations.h"

#include "check/common_fields.h"

namespace refloop {

std::vector<Case> with_other_values(const Field& field, const Case& c) {
  std::vector<Case> others;
  if (field.kind == &kind::word<&Case::dtype, dtype_terms>) {
    for (const DType dtype : c.family->dtypes) {
      if (dtype != c.dtype) others.push_back(with(c, &Case::dtype, dtype));
    }
    return others;
  }
  constexpr std::uint64_t tries = 16;
  std::set<std::string> seen{field.kind->write(field, c)};
  for (std::uint64_t number = 0; number < tries; ++number) {
    Case drawn = c;
    field.kind->draw(field, drawn, Draw(number, field.key), 0);
    drawn.family->settle(drawn);
    if (seen.insert(field.kind->write(field, drawn)).second) others.push_back(drawn);
  }
  return others;
}

Case with_followers(const Field& moved, Case c, const Case& base, std::set<const Field*>& followers) {
  for_each_field(*base.family, [&](const Field& field) {
    if (&field == &moved || !field.kind->write(field, base).empty() || field.kind->write(field, c).empty()) return;
    field.kind->absent(field, c);
    followers.insert(&field);
  });
  return c;
}

std::string token_of(const Field& field, const Case& c) {
  const std::string written = field.kind->write(field, c);
  if (!written.empty()) return written.substr(1);
  const std::string key(field.key);
  for (const std::string& token : {key + "1", key + "0", "no" + key, std::string(field.off), std::string("dense"),
                                   key + "dense", key + std::to_string(c.before[0])}) {
    Case told = c;
    try {
      if (!token.empty() && field.kind->read(field, told, token) && told == c) return token;
    } catch (const Error&) {  // the token is another field's
    }
  }
  return {};
}

bool is_of_the_kernel(const Field& field) {
  return field.kind->draw != nullptr && field.kind != &kind::seed && field.kind != &kind::word<&Case::data, data_terms>;
}

}  // namespace refloop

// The kinds of settings: one constexpr object per kind and member of Case. Nothing else asks what kind a setting is of.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "check/dispatch.h"
#include "check/field.h"

namespace refloop {

/// Half of the fields of a case are drawn to have what they usually have.
inline bool draws_usual(const Draw& draw, Index position) {
  return draw.between(0, 1, position + draws_per_field - 1) == 0;
}
/// Small numbers more often than large ones: the smaller of two draws, half of the time.
inline Index skewed(const Draw& draw, Index least, Index most, Index position) {
  const Index first = draw.between(least, most, position, 0);
  if (draw.between(0, 1, position, 1) == 0) return first;
  return std::min(first, draw.between(least, most, position, 2));
}

/// Calls `keep` with smaller values of a number: its least, its half, one less.
template <class KeepValue>
void lower_number(Index value, Index least, KeepValue&& keep) {
  for (const Index smaller : {least, value / 2, value - 1}) {
    if (smaller >= least && smaller < value) keep(smaller);
  }
}
template <class Member, class Value>
Case with(Case c, Member member, Value value) {
  c.*member = value;
  return c;
}

inline void copy_axes(Case& c, Axes Case::*at, const Axes& value) {
  std::copy_n(value.begin(), c.dims, (c.*at).begin());
}

namespace kind {

/// A whole number: `c8`.
template <Index Case::*At>
inline constexpr FieldKind number{
    .write = [](const Field& field,
                const Case& c) { return c.*At == Case{}.*At ? std::string() : fmt::format("_{}{}", field.key, c.*At); },
    .read =
        [](const Field& field, Case& c, std::string_view token) {
          const auto value = value_behind(field.key, token);
          if (value) c.*At = read_index(field, *value);
          return value.has_value();
        },
    .absent = [](const Field&, Case&) {},
    .draw = [](const Field& field, Case& c, const Draw& draw,
               Index position) { c.*At = skewed(draw, std::max<Index>(field.least, 1), field.most, position); },
    .lower =
        [](const Field& field, const Case& c, const Keep& keep) {
          lower_number(c.*At, field.least, [&](Index smaller) { keep(with(c, At, smaller)); });
        },
    .weight = [](const Field&, const Case& c) { return c.*At; },
    .takes = [](const Field& field) { return fmt::format("a whole number from {}", field.least); },
    .usual = [](const Field&, const Family&) { return fmt::format("{}", Case{}.*At); }};

/// A whole number that may be absent: `div4`.
template <std::optional<Index> Case::*At>
inline constexpr FieldKind optional_number{
    .write = [](const Field& field,
                const Case& c) { return c.*At ? fmt::format("_{}{}", field.key, *(c.*At)) : std::string(); },
    .read =
        [](const Field& field, Case& c, std::string_view token) {
          const auto value = value_behind(field.key, token);
          if (value) c.*At = read_index(field, *value);
          return value.has_value();
        },
    .absent = [](const Field&, Case&) {},
    .draw =
        [](const Field& field, Case& c, const Draw& draw, Index position) {
          if (!draws_usual(draw, position)) c.*At = skewed(draw, field.least, field.most, position);
        },
    .lower =
        [](const Field& field, const Case& c, const Keep& keep) {
          if (!(c.*At)) return;
          keep(with(c, At, std::optional<Index>()));
          lower_number(*(c.*At), field.least, [&](Index smaller) { keep(with(c, At, std::optional(smaller))); });
        },
    .weight = [](const Field&, const Case& c) { return (c.*At).value_or(0); },
    .takes = [](const Field& field) { return fmt::format("a whole number from {}", field.least); },
    .usual = [](const Field&, const Family&) { return std::string("none"); }};

template <Axes Case::*At>
void lower_axes(const Field& field, const Case& c, const Keep& keep) {
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    lower_number((c.*At)[axis], field.least, [&](Index smaller) {
      Case lowered = c;
      (lowered.*At)[axis] = smaller;
      keep(lowered);
    });
  }
}
template <Axes Case::*At>
void draw_axes(const Field& field, Case& c, const Draw& draw, Index position) {
  for (int axis = 0; axis < c.dims; ++axis) {
    (c.*At)[static_cast<std::size_t>(axis)] = skewed(draw, field.least, field.most, position + axis);
  }
}
template <Axes Case::*At>
std::string write_axes_unless(const Field& field, const Case& c, const Axes& usual) {
  const auto used = first_axes(c.*At, c.dims);
  const bool left_out = used.empty() || (!field.required && std::equal(used.begin(), used.end(), usual.begin()));
  return left_out ? std::string() : fmt::format("_{}{}", field.key, write_axes(used));
}

/// One number per spatial axis, or one for all: `k3`, `k3x4`.
template <Axes Case::*At>
inline constexpr FieldKind axes{
    .write = [](const Field& field, const Case& c) { return write_axes_unless<At>(field, c, Case{}.*At); },
    .read =
        [](const Field& field, Case& c, std::string_view token) {
          const auto value = value_behind(field.key, token);
          if (value) copy_axes(c, At, read_axes(field, *value, c.dims));
          return value.has_value();
        },
    .absent =
        [](const Field& field, Case&) {
          if (field.required) refuse_absence(field);
        },
    .draw = draw_axes<At>,
    .lower = lower_axes<At>,
    .weight =
        [](const Field&, const Case& c) {
          Index sum = 0;
          for (const Index value : first_axes(c.*At, c.dims)) sum += value;
          return sum;
        },
    .takes =
        [](const Field& field) {
          return fmt::format("one number from {} for all axes, or one per axis with x between", field.least);
        },
    .usual =
        [](const Field& field, const Family&) {
          return field.required ? std::string("must be given") : fmt::format("{}", (Case{}.*At)[0]);
        }};

/// Axes that are as others where the text leaves them out: a pool's stride as its kernel. `nos` says so, which patterns
/// need.
template <Axes Case::*At, Axes Case::*Same>
inline constexpr FieldKind axes_as{
    .write = [](const Field& field, const Case& c) { return write_axes_unless<At>(field, c, c.*Same); },
    .read =
        [](const Field& field, Case& c, std::string_view token) {
          if (!token.starts_with("no") || token.substr(2) != field.key) return axes<At>.read(field, c, token);
          copy_axes(c, At, c.*Same);
          return true;
        },
    .absent = [](const Field&, Case& c) { copy_axes(c, At, c.*Same); },
    .draw =
        [](const Field& field, Case& c, const Draw& draw, Index position) {
          if (draws_usual(draw, position)) return copy_axes(c, At, c.*Same);
          draw_axes<At>(field, c, draw, position);
        },
    .lower = lower_axes<At>,
    .weight = axes<At>.weight,
    .takes = axes<At>.takes,
    .usual =
        [](const Field&, const Family& family) {
          const auto same = std::find_if(family.fields.begin(), family.fields.end(),
                                         [](const Field& other) { return other.kind == &axes<Same>; });
          return fmt::format("as {}", same->key);
        }};

/// The input size of an operator that takes N x C too: a 1d text without it means that, and has no spatial axis.
template <Axes Case::*At>
inline constexpr FieldKind axes_or_flat{
    .write = [](const Field& field, const Case& c) { return write_axes_unless<At>(field, c, Axes{}); },
    .read =
        [](const Field& field, Case& c, std::string_view token) {
          if (token != "flat") return axes<At>.read(field, c, token);
          if (c.dims > 1) throw Error(fmt::format("flat is N x C, which {} takes", operator_name(*c.family, 1)));
          c.*At = {};
          c.dims = 0;
          return true;
        },
    .absent =
        [](const Field& field, Case& c) {
          if (c.dims > 1) refuse_absence(field);
          c.dims = 0;
        },
    .draw =
        [](const Field& field, Case& c, const Draw& draw, Index position) {
          if (c.dims == 1 && draws_usual(draw, position)) c.dims = 0;
          draw_axes<At>(field, c, draw, position);
        },
    .lower = lower_axes<At>,
    .weight = axes<At>.weight,
    .takes = axes<At>.takes,
    .usual = [](const Field&, const Family&) { return std::string("N x C, if 1d"); }};

/// There or not: `bias`, and `nobias` or a word of its own for not being there, which patterns need.
template <bool Case::*At>
inline constexpr FieldKind flag{
    .write = [](const Field& field, const Case& c) { return c.*At ? fmt::format("_{}", field.key) : std::string(); },
    .read =
        [](const Field& field, Case& c, std::string_view token) {
          std::string_view rest = token, key = field.key;
          bool off = false;
          if (!field.off.empty()) {
            off = value_behind(field.off, token).has_value();
            if (off) key = field.off;
          } else if (token.starts_with("no")) {
            off = true;
            rest = token.substr(2);
          }
          const auto value = value_behind(key, rest);
          if (value && !value->empty()) refuse_value(token.substr(0, token.size() - value->size()), *value);
          if (value) c.*At = !off;
          return value.has_value();
        },
    .absent = [](const Field&, Case&) {},
    .draw = [](const Field&, Case& c, const Draw& draw, Index position) { c.*At = draws_usual(draw, position); },
    .lower =
        [](const Field&, const Case& c, const Keep& keep) {
          if (c.*At) keep(with(c, At, false));
        },
    .weight = [](const Field&, const Case& c) { return Index{c.*At}; },
    .takes =
        [](const Field& field) {
          return field.off.empty() ? std::string("nothing behind it")
                                   : fmt::format("nothing behind it; the opposite is {}", field.off);
        },
    .usual = [](const Field& field,
                const Family&) { return field.off.empty() ? std::string("without") : std::string(field.off); }};

/// A number with a point: `eps1em5`.
template <double Case::*At>
inline constexpr FieldKind real{.write =
                                    [](const Field& field, const Case& c) {
                                      return c.*At == Case{}.*At ? std::string()
                                                                 : fmt::format("_{}{}", field.key, write_number(c.*At));
                                    },
                                .read =
                                    [](const Field& field, Case& c, std::string_view token) {
                                      const auto value = value_behind(field.key, token);
                                      if (value) c.*At = read_number(field, *value);
                                      return value.has_value();
                                    },
                                .absent = [](const Field&, Case&) {},
                                .draw =
                                    [](const Field&, Case& c, const Draw& draw, Index position) {
                                      constexpr double factors[] = {1, 1, 0.5, 4, 10};
                                      c.*At *= factors[draw(position) % std::size(factors)];
                                    },
                                .lower = [](const Field&, const Case&, const Keep&) {},
                                .weight = [](const Field&, const Case&) { return Index{0}; },
                                .takes = [](const Field&) { return std::string("a number like 0p1 or 1em5"); },
                                .usual = [](const Field&, const Family&) { return fmt::format("{}", Case{}.*At); }};

/// One word of a table: `f32`.
template <auto At, const auto& Terms>
inline constexpr FieldKind word{
    .write = [](const Field&, const Case& c) { return fmt::format("_{}", name_in(Terms, c.*At)); },
    .read =
        [](const Field&, Case& c, std::string_view token) {
          for (std::size_t number = 0; number < std::size(Terms); ++number) {
            if (Terms[number].name != token) continue;
            c.*At = static_cast<std::remove_reference_t<decltype(c.*At)>>(number);
            return true;
          }
          return false;
        },
    .absent = [](const Field&, Case&) {},
    .draw = [](const Field&, Case&, const Draw&, Index) {},  // the sampler's affair, and shrinking's
    .lower = [](const Field&, const Case&, const Keep&) {},
    .weight = [](const Field&, const Case& c) { return static_cast<Index>(c.*At); },
    .takes = [](const Field&) { return std::string("one of its words"); },
    .usual = [](const Field&, const Family&) { return std::string(name_in(Terms, Case{}.*At)); }};

/// The seed, of 64 bits.
inline constexpr FieldKind seed{
    .write = [](const Field& field, const Case& c) { return fmt::format("_{}{}", field.key, c.seed); },
    .read =
        [](const Field& field, Case& c, std::string_view token) {
          const auto value = value_behind(field.key, token);
          if (value) c.seed = read_seed(*value);
          return value.has_value();
        },
    .absent = [](const Field&, Case&) {},
    .draw = [](const Field& field, Case& c, const Draw& draw,
               Index position) { c.seed = draw(position) % static_cast<std::uint64_t>(field.most + 1); },
    .lower =
        [](const Field&, const Case& c, const Keep& keep) {
          for (const std::uint64_t smaller : {std::uint64_t{0}, std::uint64_t{1}}) keep(with(c, &Case::seed, smaller));
        },
    .weight =
        [](const Field& field, const Case& c) {
          return static_cast<Index>(std::min(c.seed, static_cast<std::uint64_t>(field.most)));
        },
    .takes = [](const Field&) { return std::string("a whole number below 2^64"); },
    .usual = [](const Field&, const Family&) { return std::string("0"); }};

/// The elements that are not zero: `only12x3`.
inline constexpr FieldKind only{
    .write =
        [](const Field& field, const Case& c) {
          if (!c.only) return std::string();
          const std::string input = fmt::format("_{}{}", field.key, c.only->input);
          return c.only->weight ? fmt::format("{}x{}", input, *c.only->weight) : input;
        },
    .read =
        [](const Field& field, Case& c, std::string_view token) {
          const auto value = value_behind(field.key, token);
          if (value) c.only = read_only(*value);
          return value.has_value();
        },
    .absent = [](const Field&, Case&) {},
    .draw = nullptr,
    .lower =
        [](const Field&, const Case& c, const Keep& keep) {
          if (!c.only) return;
          lower_number(c.only->input, 0, [&](Index smaller) {
            keep(with(c, &Case::only, std::optional(Only{smaller, c.only->weight})));
          });
          if (!c.only->weight) return;
          lower_number(*c.only->weight, 0, [&](Index smaller) {
            keep(with(c, &Case::only, std::optional(Only{c.only->input, smaller})));
          });
        },
    .weight = [](const Field&,
                 const Case& c) { return c.only ? c.only->input + c.only->weight.value_or(0) : Index{0}; },
    .takes =
        [](const Field&) { return std::string("the elements of input and weight that are not zero, as in only12x3"); },
    .usual = [](const Field&, const Family&) { return std::string("all"); }};

}  // namespace kind

}  // namespace refloop

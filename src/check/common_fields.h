// What every operator's text says beside its own settings: how its tensors lie in memory, element type, data and seed.
#pragma once

#include "check/kinds.h"

namespace refloop {

namespace kind {

inline bool lie_alike(const Case& c, auto Memory::*at) {
  return c.x.*at == c.w.*at && c.x.*at == c.y.*at;
}

/// How one of the tensors lies in memory, where they do not all lie alike: `xstrided`.
template <Memory Case::*Of>
inline constexpr FieldKind layout_of{
    .write =
        [](const Field& field, const Case& c) {
          const Layout layout = (c.*Of).layout;
          if (layout == Layout::dense || lie_alike(c, &Memory::layout)) return std::string();
          return fmt::format("_{}{}", field.key.substr(0, 1), to_text(layout));
        },
    .read =
        [](const Field& field, Case& c, std::string_view token) {
          if (token.empty() || token[0] != field.key[0]) return false;
          const auto layout = read_layout(token.substr(1));
          if (layout) (c.*Of).layout = *layout;
          return layout.has_value();
        },
    .absent = [](const Field&, Case&) {},
    .draw =
        [](const Field&, Case& c, const Draw& draw, Index position) {
          if (draw.between(0, 7, position) == 0) {
            (c.*Of).layout = static_cast<Layout>(draw(position, 1) % std::size(layout_terms));
          }
        },
    .lower =
        [](const Field&, const Case& c, const Keep& keep) {
          Case lowered = c;
          (lowered.*Of).layout = Layout::dense;
          if (lowered != c) keep(lowered);
        },
    .weight = [](const Field&, const Case& c) { return static_cast<Index>((c.*Of).layout); },
    .takes = [](const Field&) { return std::string("the layout of one tensor, as in xstrided"); },
    .usual = [](const Field&, const Family&) { return std::string("dense"); }};

/// How all tensors lie in memory: `strided`.
inline constexpr FieldKind layout_of_all{
    .write =
        [](const Field&, const Case& c) {
          const bool says = c.x.layout != Layout::dense && lie_alike(c, &Memory::layout);
          return says ? fmt::format("_{}", to_text(c.x.layout)) : std::string();
        },
    .read =
        [](const Field&, Case& c, std::string_view token) {
          const auto layout = read_layout(token);
          if (layout) set_layout(c, *layout);
          return layout.has_value();
        },
    .absent = [](const Field&, Case&) {},
    .draw =
        [](const Field&, Case& c, const Draw& draw, Index position) {
          if (draw.between(0, 4, position) < 2) {
            set_layout(c, static_cast<Layout>(draw(position, 1) % std::size(layout_terms)));
          }
        },
    .lower =
        [](const Field&, const Case& c, const Keep& keep) {
          Case lowered = c;
          set_layout(lowered, Layout::dense);
          if (lowered != c) keep(lowered);
        },
    .weight = [](const Field&, const Case&) { return Index{0}; },
    .takes = [](const Field&) { return std::string("the layout of all tensors"); },
    .usual = [](const Field&, const Family&) { return std::string("dense"); }};

/// Elements of memory before the first of one of the tensors, where they do not all have as many: `xoffset3`.
template <Memory Case::*Of>
inline constexpr FieldKind offset_of{
    .write =
        [](const Field& field, const Case& c) {
          const Index offset = (c.*Of).offset;
          if (offset == 0 || lie_alike(c, &Memory::offset)) return std::string();
          return fmt::format("_{}{}", field.key, offset);
        },
    .read =
        [](const Field& field, Case& c, std::string_view token) {
          const auto value = value_behind(field.key, token);
          if (value) (c.*Of).offset = read_index(field, *value);
          return value.has_value();
        },
    .absent = [](const Field&, Case&) {},
    .draw =
        [](const Field& field, Case& c, const Draw& draw, Index position) {
          if (draw.between(0, 15, position) == 0) (c.*Of).offset = draw.between(1, field.most, position, 1);
        },
    .lower =
        [](const Field& field, const Case& c, const Keep& keep) {
          lower_number((c.*Of).offset, field.least, [&](Index smaller) {
            Case lowered = c;
            (lowered.*Of).offset = smaller;
            keep(lowered);
          });
        },
    .weight = [](const Field&, const Case& c) { return (c.*Of).offset; },
    .takes =
        [](const Field& field) { return fmt::format("elements before the first of one tensor, from {}", field.least); },
    .usual = [](const Field&, const Family&) { return std::string("0"); }};

/// Elements of memory before the first of every tensor: `offset3`.
inline constexpr FieldKind offset_of_all{
    .write =
        [](const Field& field, const Case& c) {
          const bool says = c.x.offset != 0 && lie_alike(c, &Memory::offset);
          return says ? fmt::format("_{}{}", field.key, c.x.offset) : std::string();
        },
    .read =
        [](const Field& field, Case& c, std::string_view token) {
          const auto value = value_behind(field.key, token);
          if (value) c.x.offset = c.w.offset = c.y.offset = read_index(field, *value);
          return value.has_value();
        },
    .absent = [](const Field&, Case&) {},
    .draw =
        [](const Field& field, Case& c, const Draw& draw, Index position) {
          if (draw.between(0, 15, position) == 0) {
            c.x.offset = c.w.offset = c.y.offset = draw.between(1, field.most, position, 1);
          }
        },
    .lower =
        [](const Field&, const Case& c, const Keep& keep) {
          Case lowered = c;
          lowered.x.offset = lowered.w.offset = lowered.y.offset = 0;
          if (lowered != c) keep(lowered);
        },
    .weight = [](const Field&, const Case&) { return Index{0}; },
    .takes =
        [](const Field& field) {
          return fmt::format("elements before the first of every tensor, from {}", field.least);
        },
    .usual = [](const Field&, const Family&) { return std::string("0"); }};

}  // namespace kind

/// What an operator with a weight says of the weight's memory.
inline constexpr std::string_view not_dense = "memory that is not dense", anywhere = "tensors that begin anywhere";
inline constexpr Field weight_layout{
    .key = "w", .word = "memory of the weight", .kind = &kind::layout_of<&Case::w>, .of_memory = not_dense};
inline constexpr Field weight_offset{.key = "woffset",
                                     .word = "elements before the weight",
                                     .kind = &kind::offset_of<&Case::w>,
                                     .most = 17,
                                     .of_memory = anywhere};

/// What every operator's text says, in the order in which it stands behind the operator's own settings.
inline constexpr Field common_fields[] = {
    {.key = "layout", .word = "memory of all tensors", .kind = &kind::layout_of_all, .of_memory = not_dense},
    {.key = "x", .word = "memory of the input", .kind = &kind::layout_of<&Case::x>, .of_memory = not_dense},
    {.key = "y", .word = "memory of the output", .kind = &kind::layout_of<&Case::y>, .of_memory = not_dense},
    {.key = "offset",
     .word = "elements before each tensor",
     .kind = &kind::offset_of_all,
     .most = 17,
     .of_memory = anywhere},
    {.key = "xoffset",
     .word = "elements before the input",
     .kind = &kind::offset_of<&Case::x>,
     .most = 17,
     .of_memory = anywhere},
    {.key = "yoffset",
     .word = "elements before the output",
     .kind = &kind::offset_of<&Case::y>,
     .most = 17,
     .of_memory = anywhere},
    {.key = "dtype", .word = "element type", .kind = &kind::word<&Case::dtype, dtype_terms>},
    {.key = "data kind", .word = "kind of data", .kind = &kind::word<&Case::data, data_terms>},
    {.key = "only", .word = "elements that are not zero", .kind = &kind::only},
    {.key = "seed", .word = "which of the random inputs", .kind = &kind::seed, .most = 999},
};

/// Calls `visit` for the family's fields and for those of every operator, in the order of the text.
template <class Visit>
void for_each_field(const Family& family, Visit&& visit) {
  for (const Field& field : family.fields) visit(field);
  for (const Field& field : common_fields) visit(field);
}

/// An operator without a weight: where input and output lie alike, so does what it lacks, so that equal texts are equal
/// cases.
inline void settle_memory(Case& c) {
  const auto& fields = c.family->fields;
  if (std::any_of(fields.begin(), fields.end(), [](const Field& field) { return field.kind == weight_layout.kind; }))
    return;
  c.w.layout = c.x.layout == c.y.layout ? c.x.layout : Layout::dense;
  c.w.offset = c.x.offset == c.y.offset ? c.x.offset : 0;
}

}  // namespace refloop

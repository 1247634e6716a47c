// What the engine does with a setting of a case: its kind knows how (kinds.h), a family's table says which there are.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "check/mix.h"
#include "refloop/check.h"

namespace refloop {

using Keep = std::function<void(const Case&)>;

struct FieldKind {
  /// `_k3`, or nothing where the text leaves it out.
  std::string (*write)(const Field&, const Case&);
  /// False where the token is another field's. Raises Error, without the case's text, where its value is bad.
  bool (*read)(const Field&, Case&, std::string_view token);
  /// What it is where the text says nothing. Raises Error where it must be given.
  void (*absent)(const Field&, Case&);
  /// A random value; four draws per axis at `position` and behind it are the setting's own. Null: never drawn.
  void (*draw)(const Field&, Case&, const Draw&, Index position);
  /// Calls `keep` with cases in which it is smaller.
  void (*lower)(const Field&, const Case&, const Keep& keep);
  /// What shrinking lowers.
  Index (*weight)(const Field&, const Case&);
  /// For the help: what may stand behind the key, and what is meant where it is absent.
  std::string (*takes)(const Field&);
  std::string (*usual)(const Field&, const Family&);
};

/// How many draws a setting may make.
inline constexpr Index draws_per_field = 8;

// ---- what the kinds share ----

/// The token's value, where its letters are the key.
std::optional<std::string_view> value_behind(std::string_view key, std::string_view token);
/// What somebody typed, for messages: its beginning, with what a terminal can't show as \x0a.
std::string shown(std::string_view text, std::size_t most = 40);
Index read_index(const Field& field, std::string_view digits);
Axes read_axes(const Field& field, std::string_view value, int dims);
/// Numbers with a point are written with letters: 0p1 is 0.1, 1em5 is 1e-05.
double read_number(const Field& field, std::string_view value);
std::string write_number(double number);
std::optional<Layout> read_layout(std::string_view token);
std::uint64_t read_seed(std::string_view value);
Only read_only(std::string_view value);
/// `3` where all axes agree, else `3x4`.
std::string write_axes(std::span<const Index> used);
/// Whether the family takes the case.
bool is_legal(const Case& c);
[[noreturn]] void refuse_absence(const Field& field);
[[noreturn]] void refuse_value(std::string_view key, std::string_view value);

}  // namespace refloop

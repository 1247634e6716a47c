#include "refloop/print.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <limits>
#include <ostream>
#include <span>

#include "check/dispatch.h"
#include "check/tensors.h"

namespace refloop {
namespace {

constexpr Index line_width = 80;
constexpr Index summarize_above = 1000;
constexpr Index edge_items = 3;

std::string format_number(const char* format, double value) {
  char text[512];  // %.4f of the largest double has 314 characters
  const int length = std::snprintf(text, sizeof text, format, value);
  return {text, static_cast<std::size_t>(length)};
}

/// How the numbers of one tensor are written: plain, with decimals, or in scientific notation, all equally wide.
class Style {
 public:
  explicit Style(std::span<const std::int64_t> values) : form_(Form::integer) {
    for (const auto value : values) widen(std::to_string(value));
  }

  explicit Style(std::span<const double> values) {
    double least = std::numeric_limits<double>::infinity();
    double largest = 0;
    bool whole = true;
    for (const double value : values) {
      if (!std::isfinite(value) || value == 0) continue;
      least = std::min(least, std::abs(value));
      largest = std::max(largest, std::abs(value));
      whole = whole && value == std::ceil(value);
    }
    form_ = whole ? Form::whole : Form::decimal;
    if (largest == 0) return;
    if (largest / least > 1000 || largest > 1e8 || (!whole && least < 1e-4)) form_ = Form::scientific;
    for (const double value : values) {
      if (std::isfinite(value) && value != 0) widen(write(value));
    }
  }

  Index width() const { return width_; }
  std::string operator()(std::int64_t value) const { return pad(std::to_string(value)); }
  std::string operator()(double value) const { return pad(write(value)); }

 private:
  enum class Form { integer, whole, decimal, scientific };

  std::string write(double value) const {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    if (form_ == Form::scientific) return format_number("%.4e", value);
    if (form_ == Form::whole) return format_number("%.0f.", value);
    return format_number("%.4f", value);
  }
  void widen(const std::string& text) { width_ = std::max(width_, static_cast<Index>(text.size())); }
  std::string pad(const std::string& text) const {
    const auto width = static_cast<std::size_t>(width_);
    return std::string(width - std::min(width, text.size()), ' ') + text;
  }

  Form form_;
  Index width_ = 1;
};

/// Positions shown on an axis; -1 stands for the dots between its two ends.
std::vector<Index> shown_on_axis(Index extent, bool summarize) {
  std::vector<Index> shown;
  const bool cut = summarize && extent > 2 * edge_items;
  for (Index at = 0; at < extent; ++at) {
    if (cut && at == edge_items) {
      shown.push_back(-1);
      at = extent - edge_items;
    }
    shown.push_back(at);
  }
  return shown;
}

template <class Value>
void gather_shown(std::span<const Value> values, std::span<const Index> extents, bool summarize,
                  std::vector<Value>& shown) {
  if (extents.empty()) {
    shown.push_back(values[0]);
    return;
  }
  const std::size_t step = values.size() / static_cast<std::size_t>(extents[0]);
  for (const Index at : shown_on_axis(extents[0], summarize)) {
    if (at < 0) continue;
    gather_shown(values.subspan(static_cast<std::size_t>(at) * step, step), extents.subspan(1), summarize, shown);
  }
}

template <class Value>
std::string row_text(std::span<const Value> values, Index indent, bool summarize, const Style& style) {
  const Index per_line = std::max<Index>(1, (line_width - indent) / (style.width() + 2));
  std::string text = "[";
  Index written = 0;
  for (const Index at : shown_on_axis(static_cast<Index>(values.size()), summarize)) {
    if (written > 0) {
      text += written % per_line == 0 ? ",\n" + std::string(static_cast<std::size_t>(indent) + 1, ' ') : ", ";
    }
    text += at < 0 ? " ..." : style(values[static_cast<std::size_t>(at)]);
    ++written;
  }
  return text + "]";
}

template <class Value>
std::string nested_text(std::span<const Value> values, std::span<const Index> extents, Index indent, bool summarize,
                        const Style& style) {
  if (extents.size() == 1) return row_text(values, indent, summarize, style);
  const std::size_t step = values.size() / static_cast<std::size_t>(extents[0]);
  const std::string between =
      "," + std::string(extents.size() - 1, '\n') + std::string(static_cast<std::size_t>(indent) + 1, ' ');
  std::string text = "[";
  for (const Index at : shown_on_axis(extents[0], summarize)) {
    if (text.size() > 1) text += between;
    text += at < 0 ? "..."
                   : nested_text(values.subspan(static_cast<std::size_t>(at) * step, step), extents.subspan(1),
                                 indent + 1, summarize, style);
  }
  return text + "]";
}

template <class Value>
std::string tensor_text(std::span<const Value> values, std::span<const Index> extents, std::string_view dtype) {
  const std::string prefix = "tensor(";
  std::vector<std::string> suffixes;
  std::string body = "[]";
  if (values.empty()) {
    if (extents.size() != 1) {
      std::string size = "size=(";
      for (std::size_t axis = 0; axis < extents.size(); ++axis) {
        size += (axis == 0 ? "" : ", ") + std::to_string(extents[axis]);
      }
      suffixes.push_back(size + ")");
    }
  } else {
    const bool summarize = static_cast<Index>(values.size()) > summarize_above;
    std::vector<Value> shown;
    gather_shown(values, extents, summarize, shown);
    const Style style{std::span<const Value>(shown)};
    body = nested_text(values, extents, static_cast<Index>(prefix.size()), summarize, style);
  }
  // torch leaves its default types unsaid, but says int64 where no element shows it.
  const bool said = dtype != "float32" && (dtype != "int64" || values.empty());
  if (said) suffixes.push_back("dtype=torch." + std::string(dtype));

  std::string text = prefix + body;
  for (const auto& suffix : suffixes) {
    const std::size_t last_line = text.size() - (text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
    const bool fits = last_line + suffix.size() + 4 <= static_cast<std::size_t>(line_width);
    text += fits ? ", " + suffix : ",\n" + std::string(prefix.size(), ' ') + suffix;
  }
  return text + ")";
}

/// torch's names of the element types.
constexpr std::string_view torch_names[] = {"float64", "float32", "int64", "int32", "int16", "int8", "uint8"};
static_assert(std::size(torch_names) == std::size(dtype_terms));

}  // namespace

std::string to_string(const AnyTensor& tensor) {
  return dispatch(tensor.dtype, [&]<class T>() {
    using Value = std::conditional_t<is_integer<T>, std::int64_t, double>;
    const T* const elements = static_cast<const T*>(tensor.data);
    std::vector<Value> values;
    values.reserve(static_cast<std::size_t>(tensor.size()));
    for_each_offset(tensor, [&](Index offset) { values.push_back(static_cast<Value>(elements[offset])); });
    return tensor_text<Value>(values, tensor.shape, torch_names[static_cast<std::size_t>(tensor.dtype)]);
  });
}

namespace {

std::string titled(const AnyTensor& tensor, std::string_view title) {
  std::string text(title);
  for (char& letter : text) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return text + " (" + to_string(tensor.shape) + ")\n" + to_string(tensor) + "\n\n";
}

}  // namespace

void print(const AnyTensor& tensor, std::string_view title, std::ostream& out) {
  out << titled(tensor, title);
}

void print(const AnyTensor& tensor, std::string_view title) {
  std::fputs(titled(tensor, title).c_str(), stdout);
}

}  // namespace refloop

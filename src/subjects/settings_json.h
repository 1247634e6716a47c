// A case's settings as JSON, under torch's names of the arguments: what a kernel elsewhere is told.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <variant>

#include "refloop/check.h"

namespace refloop::subjects {

/// `{"stride": [2, 1], "padding": [1, 1], ..., "groups": 1}`; null stands for None.
inline nlohmann::ordered_json settings_json(const Case& c) {
  auto settings = nlohmann::ordered_json::object();
  for (const Argument& one : c.family->arguments(c)) {
    std::visit(
        [&]<class Value>(const Value& value) {
          if constexpr (std::is_same_v<Value, std::monostate>) {
            settings[std::string(one.name)] = nullptr;
          } else {
            settings[std::string(one.name)] = value;
          }
        },
        one.value);
  }
  return settings;
}

}  // namespace refloop::subjects

#include "subjects/question.h"

#include <nlohmann/json.hpp>

#include "subjects/settings_json.h"

namespace refloop::subjects {
namespace {

using Json = nlohmann::ordered_json;

Json entry_of(const AnyTensor& tensor, const PlacedTensor& place, const std::string& file) {
  return {{"name", tensor.name},   {"dtype", to_text(tensor.dtype)},
          {"shape", tensor.shape}, {"strides", tensor.strides},
          {"file", file},          {"offset", place.file_offset + place.block_offset + place.data_offset}};
}

}  // namespace

std::string question(const Case& c, Tensors inputs, Tensors outputs, std::span<const PlacedTensor> places,
                     const std::string& file) {
  const auto entries_of = [&](Tensors tensors, std::size_t first) {
    Json entries = Json::array();
    for (std::size_t at = 0; at < tensors.size(); ++at) {
      entries.push_back(entry_of(tensors[at], places[first + at], file));
    }
    return entries;
  };
  const Json json{{"case", to_text(c)},
                  {"operator", operator_name(c)},
                  {"settings", settings_json(c)},
                  {"inputs", entries_of(inputs, 0)},
                  {"outputs", entries_of(outputs, inputs.size())}};
  return json.dump();
}

std::string first_question() {
  return Json{{"refloop", version}, {"protocol", protocol}}.dump();
}

}  // namespace refloop::subjects

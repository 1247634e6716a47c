#include "subjects/files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "check/data.h"
#include "check/field.h"
#include "subjects/npy.h"
#include "subjects/settings_json.h"

namespace refloop::subjects {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* manifest_name = "manifest.json";

// ---- writing ----

/// A folder beside that which is to come, and gone again unless it was kept.
class Draft {
 public:
  explicit Draft(const fs::path& target) {
    std::error_code ignored;
    if (fs::exists(target, ignored) && !(fs::is_directory(target, ignored) && fs::is_empty(target, ignored)))
      throw Error(
          fmt::format("{} is there already; export takes a folder that is not, or that is empty", target.string()));
    path_ = target.string() + ".XXXXXX";
    if (mkdtemp(path_.data()) == nullptr)
      throw Error(fmt::format("can't write {}: {}", target.string(), std::strerror(errno)));
    const mode_t mask = umask(0);
    umask(mask);
    chmod(path_.c_str(), 0777 & ~mask);
  }
  ~Draft() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  fs::path operator/(const std::string& file) const { return fs::path(path_) / file; }
  void keep(const fs::path& target) {
    std::error_code error;
    fs::rename(path_, target, error);
    if (error) throw Error(fmt::format("can't write {}: {}", target.string(), error.message()));
    path_.clear();
  }

 private:
  std::string path_;
};

Json described(const AnyTensor& tensor, const std::string& file) {
  return {{"name", tensor.name}, {"dtype", to_text(tensor.dtype)}, {"shape", tensor.shape}, {"file", file}};
}

/// `0007.output.npy`; an output that is named as an input is, running_mean, is new there.
std::string output_file(std::size_t number, const AnyTensor& output, Tensors inputs) {
  const bool is_input_too = find(inputs, output.name) != nullptr;
  return fmt::format("{:04}.{}{}.npy", number, is_input_too ? "new_" : "", output.name);
}

Json export_case(const Draft& draft, std::size_t number, const Case& c) {
  Json inputs = Json::array(), outputs = Json::array();
  const std::vector<AnyTensor> given = inputs_of(c);
  for (const AnyTensor& input : given) {
    const std::string file = fmt::format("{:04}.{}.npy", number, input.name);
    write_npy(draft / file, input);
    inputs.push_back(described(input, file));
  }
  for (const AnyTensor& output : c.family->outputs(c))
    outputs.push_back(described(output, output_file(number, output, given)));
  return {{"case", to_text(c)},
          {"operator", operator_name(c)},
          {"settings", settings_json(c)},
          {"inputs", inputs},
          {"outputs", outputs}};
}

// ---- reading ----

/// The file as it is named in the manifest. Raises Error where that is outside of the folder.
std::string inside(const fs::path& folder, const std::string& name) {
  const fs::path path = fs::weakly_canonical(folder / name);
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  if (name.empty() || name.find('\0') != std::string::npos || end != folder.end() || rest == path.end())
    throw Error(fmt::format("{} is no file in it", shown(name)));
  return path.string();
}

Json read_manifest(const fs::path& path) {
  constexpr std::uintmax_t most_bytes = std::uintmax_t{1} << 30;
  std::error_code error;
  if (!fs::is_regular_file(path, error) || fs::file_size(path, error) > most_bytes)
    throw Error(fmt::format("there is no {}; refloop export writes one", path.string()));
  std::ifstream file(path);
  return Json::parse(file);
}

/// The files of all outputs of the case, in their order.
std::vector<std::string> output_files(const fs::path& folder, const Case& c, const Json& listed) {
  std::vector<std::string> files;
  for (const AnyTensor& due : c.family->outputs(c)) {
    const auto entry = std::find_if(listed.begin(), listed.end(),
                                    [&](const Json& one) { return one.at("name").get<std::string>() == due.name; });
    if (entry == listed.end()) throw Error(fmt::format("no file is named for the {} of {}", due.name, to_text(c)));
    files.push_back(inside(folder, entry->at("file").get<std::string>()));
  }
  return files;
}

/// Of the files those that are there, as the outputs of the case.
Outcome stored_outcome(const Case& c, const std::vector<std::string>& files) {
  std::vector<std::string> missing;
  for (const std::string& file : files) {
    if (!fs::exists(file)) missing.push_back(fs::path(file).filename().string());
  }
  if (missing.size() == files.size()) return {{}, Verdict::skipped, "no outputs were put there"};
  if (!missing.empty()) return {{}, Verdict::wrong, fmt::format("gave some of its outputs, and no {}", missing[0])};
  Outcome outcome;
  const std::vector<AnyTensor> due = c.family->outputs(c);
  try {
    for (std::size_t number = 0; number < files.size(); ++number)
      outcome.outputs.push_back(read_npy(files[number], due[number].name));
  } catch (const Error& error) {
    return {{}, Verdict::wrong, error.what()};
  }
  return outcome;
}

}  // namespace

void export_cases(const std::string& folder, std::span<const Case> cases, const Stop& stop) {
  const fs::path target = fs::path(folder).lexically_normal().string();
  const fs::path plain = target.has_filename() ? target : target.parent_path();  // without a slash at its end
  Draft draft(plain);
  Json listed = Json::array();
  for (std::size_t number = 0; number < cases.size(); ++number) {
    if (stop()) throw Error(fmt::format("interrupted: nothing was written to {}", folder));
    listed.push_back(export_case(draft, number, cases[number]));
  }
  const Json manifest{{"refloop", version}, {"data", data_version}, {"cases", listed}};
  std::ofstream file(draft / manifest_name);
  file << manifest.dump(1) << '\n';
  file.close();
  if (!file) throw Error(fmt::format("can't write {}: {}", folder, std::strerror(errno)));
  draft.keep(plain);
}

Files::Files(const std::string& folder) : name_(folder) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  if (error) throw Error(fmt::format("there is no folder {}", folder));
  const fs::path path = fs::path(folder) / manifest_name;
  try {
    const Json manifest = read_manifest(path);
    if (const int data = manifest.at("data"); data != data_version)
      throw Error(fmt::format("its cases are of data version {}, and those of this refloop of {}: export them again",
                              data, data_version));
    for (const Json& one : manifest.at("cases")) {
      const Case c = parse(one.at("case").get<std::string>());
      if (!outputs_->emplace(to_text(c), output_files(root, c, one.at("outputs"))).second)
        throw Error(fmt::format("{} stands in it twice", to_text(c)));
      cases_.push_back(c);
    }
    if (cases_.empty()) throw Error("it has no cases");
  } catch (const Json::exception&) {
    throw Error(fmt::format("{} is no manifest that refloop export wrote", path.string()));
  } catch (const Error& bad) {
    const std::string_view says = bad.what();
    throw Error(says.starts_with("there is no") ? std::string(says) : fmt::format("{}: {}", path.string(), says));
  }
}

std::set<std::string> Files::operators() const {
  std::set<std::string> names;
  for (const Case& c : cases_) names.insert(operator_name(c));
  return names;
}

Subject Files::subject() const {
  Subject subject;
  subject.name = name_;
  subject.run = [outputs = outputs_](const Case& c, Tensors) {
    const auto stored = outputs->find(to_text(c));
    if (stored == outputs->end()) return Outcome{{}, Verdict::skipped, "it was not exported"};
    return stored_outcome(c, stored->second);
  };
  subject.order = [](const Case&) -> const Way* { return nullptr; };
  subject.answers_once = true;
  return subject;
}

}  // namespace refloop::subjects

// refloop doctor: what is installed here, what is wrong with it, and the one command that mends it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "check/table.h"
#include "cli/commands.h"
#include "cli/torch_module.h"

namespace refloop::cli {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

/// The word behind `BLAS_INFO=` and the like in LibTorch's own description.
std::string config_value(const std::string& config, const std::string& key) {
  const auto start = config.find(key + "=");
  if (start == std::string::npos) return "not said";
  const auto value = start + key.size() + 1;
  return config.substr(value, config.find_first_of(",\n", value) - value);
}

struct Problem {
  std::string says, command;
};

/// The reference BLAS beside another one that the loader took: Debian installs each in a folder of its own.
std::string reference_blas(const std::filesystem::path& taken) {
  const auto reference = taken.parent_path().parent_path() / "blas/libblas.so.3";
  const bool is_other = std::filesystem::exists(reference) && !std::filesystem::equivalent(reference, taken);
  return is_other ? reference.string() : "";
}

/// What makes it the one that the loader takes.
std::string take_reference(const std::filesystem::path& reference) {
  const std::string folder = reference.parent_path().parent_path().filename();
  return fmt::format("update-alternatives --set libblas.so.3-{} {}", folder, reference.string());
}

int run_doctor() {
  std::vector<std::vector<std::string>> facts{{"what", "found"}};
  facts.push_back({"refloop", std::string(version)});
  facts.push_back({"processor", fmt::format("{} ({} threads)", processor(), std::thread::hardware_concurrency())});
  std::vector<Problem> problems;
  std::vector<std::string> notes;  // what is as it should be, and yet good to know
  try {
    const parity::Library& library = load_torch(false);
    facts.push_back({"LibTorch", fmt::format("{} in {}", library.version, loaded_file("libtorch_cpu"))});
    facts.push_back({"ATen capability", library.capability});
    facts.push_back(
        {"BLAS", fmt::format("{} ({})", library.matrix_product, config_value(library.config, "BLAS_INFO"))});
    facts.push_back({"oneDNN", library.onednn ? "yes" : "no"});
    if (library.capability != "default") {
      problems.push_back({"ATen's own kernels may fuse multiply and add: random floats can differ in the last bit",
                          "ATEN_CPU_CAPABILITY=default refloop parity"});
    }
    const auto broken = broken_promises(speaking_subject(library), library.summed_by);
    facts.push_back({"order of sums", broken.empty() ? "the textbook's: random floats are compared bit for bit"
                                                     : fmt::format("another in {}", fmt::join(broken, ", "))});
    if (!broken.empty()) {
      const std::string says =
          fmt::format("{} sums {} in an order of its own", library.matrix_product, fmt::join(broken, ", "));
      const std::string reference = reference_blas(library.matrix_product);
      if (reference.empty()) {
        notes.push_back(says + "; refloop parity compares random floats of those on the textbook path.");
      } else {
        problems.push_back({says + ", so their random floats are not compared with it", take_reference(reference)});
      }
    }
  } catch (const Error& error) {
    facts.push_back({"LibTorch", "none"});
    problems.push_back({error.what(), "cmake/parity.sh"});
  }
  fmt::print("{}", table(facts));
  if (problems.empty()) fmt::print("\nNothing is wrong.\n");
  for (const std::string& note : notes) fmt::print("\n{}", folded("Worth knowing: " + note));
  for (const Problem& problem : problems) fmt::print("\n{}  mend it: {}\n", folded(problem.says), problem.command);
  return problems.empty() ? passed : failed;
}

}  // namespace

void add_doctor(CLI::App& program, int& exit_code) {
  auto* const command =
      program.add_subcommand("doctor", "Shows which LibTorch, BLAS and processor are here, and what is wrong");
  command->footer("Example: refloop doctor");
  command->callback([&exit_code] { exit_code = run_doctor(); });
}

}  // namespace refloop::cli

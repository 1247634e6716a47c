// refloop: the program. Its commands stand in files of their own.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "cli/commands.h"
#include "refloop/check.h"

namespace refloop::cli {
namespace {

constexpr auto commands = {add_parity, add_check,    add_export,   add_judge,  add_show, add_order,
                           add_merge,  add_mistakes, add_notebook, add_doctor, add_help};
std::vector<std::string> words{"refloop"};

int complain(const std::string& sentence) {
  fmt::print(stderr, "refloop: {}\n", sentence);
  return impossible;
}

int run(int count, char** arguments) {
  int exit_code = passed;
  words.insert(words.end(), arguments + 1, arguments + count);
  CLI::App program(
      "Loop kernels for convolution, pooling and batch norm, proved equal to LibTorch bit for bit, and the engine that "
      "proves it.",
      "refloop");
  program.footer("Example: refloop parity --case conv2d_n2_c3_i9x11_o4_k3_s2_p1_real");
  program.set_version_flag("--version", "refloop " + std::string(version));
  program.require_subcommand(1);
  for (const auto add : commands) add(program, exit_code);

  std::vector<std::string> names;
  for (const auto* command : program.get_subcommands({})) names.push_back(command->get_name());
  const std::string first = count > 1 ? arguments[1] : "";
  if (!first.empty() && first[0] != '-' && std::find(names.begin(), names.end(), first) == names.end()) {
    return complain(fmt::format("there is no command '{}'; there are {}", first, fmt::join(names, ", ")));
  }
  try {
    program.parse(count, arguments);
  } catch (const CLI::CallForHelp& call) {
    return program.exit(call) == 0 ? passed : impossible;
  } catch (const CLI::CallForVersion& call) {
    return program.exit(call) == 0 ? passed : impossible;
  } catch (const CLI::ParseError& error) {
    if (first.empty()) {
      return complain(fmt::format("which command? There are {}; refloop --help says more", fmt::join(names, ", ")));
    }
    if (first[0] == '-') {
      return complain(
          fmt::format("there is no option '{}' before the command; refloop --help says what is accepted", first));
    }
    return complain(fmt::format("{}; refloop {} --help says what is accepted", error.what(), first));
  }
  return exit_code;
}

}  // namespace

CLI::Validator between(std::uint64_t least, std::uint64_t most) {
  const std::string range = fmt::format("{} to {}", least, most);
  const auto objection = [=](const std::string& text) -> std::string {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && number >= least && number <= most ? "" : fmt::format("takes {}, not {}", range, text);
  };
  return {objection, range};
}

const std::vector<std::string>& command_words() {
  return words;
}

}  // namespace refloop::cli

int main(int count, char** arguments) {
  try {
    const int exit_code = refloop::cli::run(count, arguments);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      return refloop::cli::complain("can't write to standard output: " + std::string(std::strerror(errno)));
    }
    return exit_code;
  } catch (const std::filesystem::filesystem_error& error) {
    return refloop::cli::complain(error.what());
  } catch (const std::system_error& error) {  // fmt's, of a print that found no room
    return refloop::cli::complain("can't write to standard output: " + error.code().message());
  } catch (const std::exception& error) {
    return refloop::cli::complain(error.what());
  }
}

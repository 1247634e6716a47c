// Running the program as a script would.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include "own_folder.h"

namespace refloop {

struct Printed {
  std::string text;  // stdout and stderr
  int status = -1;
};

/// Runs a line of shell through a pipe; in it `refloop` stands for the program that was built.
inline Printed run_line(std::string line) {
  const std::string name = "refloop ";
  const std::string program = "'" REFLOOP_PROGRAM "' ";
  for (std::size_t at = line.find(name); at != std::string::npos; at = line.find(name, at + program.size())) {
    line.replace(at, name.size(), program);
  }
  Printed printed;
  FILE* const pipe = popen(("{ " + line + "; } 2>&1").c_str(), "r");
  if (pipe == nullptr) return printed;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    printed.text.append(buffer.data(), got);
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status)) printed.status = WEXITSTATUS(status);
  return printed;
}

/// A Python that has these modules, or nothing.
inline std::string python_with(const std::string& modules) {
  for (const char* python : {"python3", "/usr/bin/python3"}) {
    if (run_line(std::string(python) + " -c 'import " + modules + "'").status == 0) return python;
  }
  return {};
}

/// `environment` stands before the program.
inline Printed refloop(const std::string& arguments, const std::string& environment = "") {
  return run_line(environment + " refloop " + arguments);
}

/// Lines of shell in the test's folder; in it `refloop` is the program.
class InOwnShell : public InOwnFolder {
 protected:
  Printed run_here(const std::string& line) const { return run_line("cd '" + folder_.string() + "' && " + line); }
};

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline bool has_torch() {
  return std::filesystem::exists(std::filesystem::path(REFLOOP_PROGRAM).parent_path() / "refloop_parity.so");
}

}  // namespace refloop

// Tests that write files: each in a folder of its own, which goes with the test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace refloop {

class InOwnFolder : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string read(const std::filesystem::path& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_ / name, std::ios::binary).rdbuf();
    return text.str();
  }
  void write(const std::filesystem::path& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) /
                                  ("refloop-" + std::to_string(getpid()) + "-" + std::to_string(next()));

 private:
  static int next() {
    static int number = 0;
    return number++;
  }
};

}  // namespace refloop

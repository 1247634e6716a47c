// Lines by the million, put in order with bounded memory: sorted runs on disk, merged when they are read.
#pragma once

#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace refloop::cli {

class Spool {
 public:
  /// Neither holds a line end; the key no tab.
  void add(std::string key, std::string line);
  /// Calls `visit(line)` in order of the keys, equal ones as they came.
  void for_each(const std::function<void(std::string_view line)>& visit);

 private:
  using Entry = std::pair<std::string, std::string>;
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  static constexpr std::size_t most_held = 20'000;

  void sort_held();
  void spill();

  std::vector<Entry> held_;
  std::vector<File> runs_;
};

}  // namespace refloop::cli

// Where a report goes: a regular file is replaced whole or not at all, through links; what else stands there (a device,
// a pipe) is written to.
#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace refloop::cli {

class ReportFile {
 public:
  /// Raises Error at once where nothing can be written.
  explicit ReportFile(std::string path);
  ~ReportFile();
  ReportFile(ReportFile&& other) noexcept;
  ReportFile(const ReportFile&) = delete;
  ReportFile& operator=(const ReportFile&) = delete;
  ReportFile& operator=(ReportFile&&) = delete;

  /// Calls `write(put)`, whose `put(text)` may be called any number of times. Raises Error where the disk is full.
  void write(const std::function<void(const std::function<void(std::string_view)>& put)>& write);

 private:
  std::string path_;                      // as it was asked for
  std::filesystem::path target_, draft_;  // the regular file, links followed, and what will replace it; or none
};

}  // namespace refloop::cli

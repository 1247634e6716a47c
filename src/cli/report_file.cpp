#include "cli/report_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "refloop/error.h"

namespace refloop::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot(const std::string& path, int error) {
  throw Error(fmt::format("can't write the report {}: {}", path, std::strerror(error)));
}

/// The file behind links, even where the last one points to none yet.
fs::path behind_links(fs::path path) {
  for (int links = 0; links < 40 && fs::is_symlink(path); ++links) {
    const fs::path next = fs::read_symlink(path);
    path = next.is_absolute() ? next : path.parent_path() / next;
  }
  return path;
}

/// With the permissions that a file made there would have, or that the one it replaces has.
void give_permissions(const fs::path& draft, const fs::path& target) {
  struct stat old {};
  if (stat(target.c_str(), &old) == 0) {
    chmod(draft.c_str(), old.st_mode & 07777);
    return;
  }
  const mode_t mask = umask(0);
  umask(mask);
  chmod(draft.c_str(), 0666 & ~mask);
}

}  // namespace

ReportFile::ReportFile(std::string path) : path_(std::move(path)) {
  const fs::path target = behind_links(path_);
  std::error_code error;
  const auto status = fs::status(target, error);
  if (fs::is_directory(status)) cannot(path_, EISDIR);
  if (fs::exists(status) && access(target.c_str(), W_OK) != 0) cannot(path_, errno);
  if (fs::exists(status) && !fs::is_regular_file(status)) return;
  std::string draft = target.string() + ".XXXXXX";
  const int descriptor = mkstemp(draft.data());
  if (descriptor < 0) cannot(path_, errno);
  close(descriptor);
  target_ = target;
  draft_ = draft;
}

ReportFile::~ReportFile() {
  std::error_code ignored;
  if (!draft_.empty()) fs::remove(draft_, ignored);
}

ReportFile::ReportFile(ReportFile&& other) noexcept
    : path_(std::move(other.path_)), target_(std::move(other.target_)), draft_(std::exchange(other.draft_, {})) {}

void ReportFile::write(const std::function<void(const std::function<void(std::string_view)>& put)>& write) {
  const bool replaces = !draft_.empty();
  std::FILE* const file = std::fopen(replaces ? draft_.c_str() : path_.c_str(), "w");
  if (file == nullptr) cannot(path_, errno);
  int error = 0;
  write([&](std::string_view text) {
    if (error == 0 && std::fwrite(text.data(), 1, text.size(), file) != text.size()) error = errno;
  });
  if (std::fclose(file) != 0 && error == 0) error = errno;
  if (error != 0) cannot(path_, error);
  if (!replaces) return;
  give_permissions(draft_, target_);
  std::error_code renamed;
  fs::rename(draft_, target_, renamed);
  if (renamed) cannot(path_, renamed.value());
  draft_.clear();
}

}  // namespace refloop::cli

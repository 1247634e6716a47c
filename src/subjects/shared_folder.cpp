#include "subjects/shared_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "refloop/error.h"

namespace refloop::subjects {

namespace fs = std::filesystem;

SharedFolder::SharedFolder() {
  std::error_code none;
  for (const fs::path& place : {fs::path("/dev/shm"), fs::temp_directory_path(none)}) {
    std::string name = place / "refloop-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) continue;
    folder_ = name;
    return;
  }
  fail_to_start("no folder for its tensors");
}

void SharedFolder::remove() {
  keeper_.reset();
  drop_file();
  std::error_code error;
  fs::remove_all(folder_, error);
}

void SharedFolder::guard(pid_t group) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail_to_start("no pipe");
  const Descriptor theirs(ends[0]);
  while_open_ = Descriptor(ends[1]);
  const Child::File files[] = {{theirs.get(), STDIN_FILENO}};
  // Nothing is ever said: `read` returns when nobody holds the other end any more.
  const std::string script = R"(read -r _; kill -s KILL -- "-$1"; rm -rf -- "$0")";
  keeper_.emplace("/bin/sh", std::vector<std::string>{"sh", "-c", script, folder_, std::to_string(group)},
                  environment_with({}), files);
}

void SharedFolder::provide(std::uint64_t bytes) {
  if (bytes <= bytes_) return;
  bytes = std::max(bytes, bytes_ * 2);
  drop_file();
  file_ = fmt::format("{}/tensors{}", folder_, ++files_);
  Descriptor file(open(file_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  // Where there is no room it is to be known now, not by a signal when the memory is touched.
  const int error = posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
  if (error != 0) {
    throw Error(fmt::format("no room for {} bytes of tensors in {}: {}", bytes, folder_, std::strerror(error)));
  }
  void* const at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (at == MAP_FAILED) throw Error(fmt::format("can't map {}: {}", file_, std::strerror(errno)));
  memory_ = static_cast<std::byte*>(at);
  bytes_ = bytes;
  descriptor_ = std::move(file);
}

bool SharedFolder::is_whole() {
  struct stat now {};
  if (fstat(descriptor_.get(), &now) != 0 || static_cast<std::uint64_t>(now.st_size) >= bytes_) return true;
  drop_file();  // what is gone of it is not to be touched
  return false;
}

void SharedFolder::drop_file() {
  if (memory_ != nullptr) munmap(memory_, bytes_);
  if (!file_.empty()) unlink(file_.c_str());
  memory_ = nullptr;
  bytes_ = 0;
  file_.clear();
}

}  // namespace refloop::subjects

#include "core/shared_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "core/mapped_file.h"

#if defined(__linux__) && !defined(MADV_POPULATE_WRITE)
#define MADV_POPULATE_WRITE 23  // Linux 5.14; older kernels refuse it
#endif

namespace ane {
namespace {

#if defined(__linux__)
// Fetched at once: some hundred microseconds in which the process's memory map is held.
constexpr size_t kFetchBytes = 4u << 20;

int openAnonymous() {
  const int descriptor = memfd_create("ane-shared", MFD_CLOEXEC);
  if (descriptor < 0) throw FileError("memfd_create", errno);
  return descriptor;
}
#else
// A name that nobody else has, given up at once.
int openAnonymous() {
  static std::atomic<unsigned> counter{0};
  for (;;) {
    const std::string name = "/ane-" + std::to_string(getpid()) + "-" + std::to_string(counter++);
    const int descriptor = shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
    if (descriptor < 0 && errno == EEXIST) continue;
    if (descriptor < 0) throw FileError("shm_open", errno);
    shm_unlink(name.c_str());
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return descriptor;
  }
}
#endif

}  // namespace

int createSharedMemory(size_t size) {
  const int descriptor = openAnonymous();
  if (ftruncate(descriptor, static_cast<off_t>(size)) != 0) {
    const int error = errno;
    ::close(descriptor);
    throw FileError("ftruncate", error);
  }
  return descriptor;
}

SharedMapping::SharedMapping(int descriptor) {
  struct stat info;
  if (fstat(descriptor, &info) != 0) throw FileError("fstat", errno);
  size_ = static_cast<size_t>(info.st_size);
  void* const data = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (data == MAP_FAILED) throw FileError("mmap", errno);
  data_ = data;
#if defined(__linux__)
  // Where the system offers huge pages for shared memory on request; elsewhere this changes
  // nothing.
  madvise(data_, size_, MADV_HUGEPAGE);
  fetcher_ = std::thread([this] { fetchPages(); });
#endif
}

SharedMapping::~SharedMapping() { close(); }

void SharedMapping::fetchPages() {
#if defined(__linux__)
  auto* const bytes = static_cast<char*>(data_);
  for (size_t at = 0; at < size_ && !closing_; at += kFetchBytes) {
    // What cannot be fetched, or not by this kernel, is left to the access itself.
    if (madvise(bytes + at, std::min(kFetchBytes, size_ - at), MADV_POPULATE_WRITE) != 0) return;
  }
#endif
}

void SharedMapping::close() {
  closing_ = true;
  if (fetcher_.joinable()) fetcher_.join();
  if (data_) munmap(data_, size_);
  data_ = nullptr;
  size_ = 0;
}

}  // namespace ane

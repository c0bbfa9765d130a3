#include "core/mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace ane {
namespace {

[[noreturn]] void fail(const char* call, int number = errno) { throw FileError(call, number); }

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  ~File() { ::close(descriptor_); }
  operator int() const { return descriptor_; }

 private:
  const int descriptor_;
};

// Not blocking, so that a pipe is refused below instead of waited for.
int openRegular(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK, 0666);
  if (file < 0) fail("open");
  struct stat info;
  if (fstat(file, &info) == 0 && S_ISREG(info.st_mode)) return file;
  ::close(file);
  fail("open", S_ISDIR(info.st_mode) ? EISDIR : ENODEV);
}

size_t sizeOf(int file) {
  struct stat info;
  if (fstat(file, &info) != 0) fail("fstat");
  return static_cast<size_t>(info.st_size);
}

// Extends by writing zeros, for file systems that cannot allocate otherwise.
int writeZeros(int file, size_t from, size_t to) {
  const std::vector<char> zeros(std::min<size_t>(to - from, 1 << 20));
  while (from < to) {
    const ssize_t written =
        pwrite(file, zeros.data(), std::min(zeros.size(), to - from), static_cast<off_t>(from));
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) from += static_cast<size_t>(written);
  }
  return 0;
}

#if defined(__APPLE__)
// Writes zeros into the holes of the first `end` bytes.
int fillHoles(int file, off_t end) {
  for (off_t hole = 0;;) {
    hole = lseek(file, hole, SEEK_HOLE);
    if (hole < 0) return errno == ENXIO ? 0 : errno;
    if (hole >= end) return 0;
    off_t data = lseek(file, hole, SEEK_DATA);
    if (data < 0 && errno != ENXIO) return errno;
    if (data < 0 || data > end) data = end;
    if (const int error = writeZeros(file, static_cast<size_t>(hole), static_cast<size_t>(data)))
      return error;
    hole = data;
  }
}
#endif

// Allocates disk space for the first `size` bytes, at least `oldSize`, and extends the file to it.
// Returns errno or 0.
int allocate(int file, size_t oldSize, size_t size) {
#if defined(__APPLE__)
  if (size > oldSize) {
    fstore_t request = {F_ALLOCATEALL, F_PEOFPOSMODE, 0, static_cast<off_t>(size - oldSize), 0};
    if (fcntl(file, F_PREALLOCATE, &request) != 0) {
      return errno == ENOTSUP ? writeZeros(file, oldSize, size) : errno;
    }
  }
  if (ftruncate(file, static_cast<off_t>(size)) != 0) return errno;
  return fillHoles(file, static_cast<off_t>(std::min(oldSize, size)));
#else
  int error;
  do {
    error = size == 0 ? 0 : posix_fallocate(file, 0, static_cast<off_t>(size));
  } while (error == EINTR);
  return error == EOPNOTSUPP || error == ENOSYS ? writeZeros(file, oldSize, size) : error;
#endif
}

}  // namespace

FileError::FileError(const char* call, int number)
    : call(call), number(number), text_(strerror(number)) {}

MappedFile MappedFile::open(const std::string& path, bool writable) {
  const File file(openRegular(path, writable ? O_RDWR : O_RDONLY));
  return MappedFile(file, sizeOf(file), writable);
}

MappedFile MappedFile::create(const std::string& path, size_t size) {
  bool created = true;
  int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0 && errno == EEXIST) {
    created = false;
    descriptor = openRegular(path, O_RDWR);
  }
  if (descriptor < 0) fail("open");
  const File file(descriptor);
  const size_t oldSize = sizeOf(file);
  try {
    if (const int error = allocate(file, oldSize, size)) fail("posix_fallocate", error);
    return MappedFile(file, size, true);
  } catch (const FileError&) {
    // What was allocated in part is given back. If this fails too, the first failure is still the
    // one to report.
    [[maybe_unused]] const int undone =
        created ? unlink(path.c_str()) : ftruncate(file, static_cast<off_t>(oldSize));
    throw;
  }
}

MappedFile::MappedFile(int file, size_t size, bool shared) : size_(size) {
  if (size == 0) return;
  const int flags = shared ? MAP_SHARED : MAP_PRIVATE | MAP_NORESERVE;
  void* const data = mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, file, 0);
  if (data == MAP_FAILED) fail("mmap");
  data_ = data;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(other.size_) {}

MappedFile::~MappedFile() { close(); }

void MappedFile::close() {
  if (data_) munmap(data_, size_);
  data_ = nullptr;
  size_ = 0;
}

void MappedFile::flush() const {
  if (data_ && msync(data_, size_, MS_SYNC) != 0) fail("msync");
}

}  // namespace ane

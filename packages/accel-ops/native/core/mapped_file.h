// Files as memory (mmap).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <exception>
#include <string>

namespace ane {

// A system call on a file failed.
class FileError : public std::exception {
 public:
  FileError(const char* call, int number);
  const char* what() const noexcept override { return text_.c_str(); }

  const char* const call;
  const int number;  // errno

 private:
  std::string text_;
};

class MappedFile {
 public:
  // Maps all of an existing file. Not writable: a private copy-on-write mapping, so that a write to
  // it changes the memory only, instead of killing the process.
  static MappedFile open(const std::string& path, bool writable);

  // Maps the first `size` bytes of a file, writable. It is created or extended as needed, and disk
  // space is allocated for all of it now: a disk that is full later could only be reported by
  // SIGBUS at some memory access. If that fails, the file is what it was before.
  static MappedFile create(const std::string& path, size_t size);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();

  void* data() const { return data_; }  // null when empty
  size_t size() const { return size_; }

  // Returns when what was written is on the disk.
  void flush() const;

  // Ends the mapping now; data() must not be used any more. What was written stays in the file.
  void close();

 private:
  MappedFile(int file, size_t size, bool shared);

  void* data_ = nullptr;
  size_t size_;
};

}  // namespace ane

// Memory for the intermediate results of one operation: 64-byte aligned, not initialized. Buffers
// that are given back are kept and reused, because fresh memory costs a page fault for every 4 KiB.
#pragma once

#include <stddef.h>

namespace ane {

class Workspace {
 public:
  Workspace() = default;
  // Throws std::bad_alloc when there is no memory.
  explicit Workspace(size_t bytes);
  ~Workspace();
  Workspace(Workspace&& other) noexcept;
  Workspace& operator=(Workspace&& other) noexcept;

  float* floats() const { return static_cast<float*>(data_); }
  size_t capacity() const { return capacity_; }

  // Makes room for at least `bytes`; the contents are lost when it had less.
  float* reserve(size_t bytes) {
    if (bytes > capacity_) *this = Workspace(bytes);
    return floats();
  }

 private:
  void* data_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace ane

// Memory without a name that several processes map: what exists of it outside is a file descriptor,
// which child processes inherit. It is gone with the last descriptor and mapping of it, however the
// processes end.
#pragma once

#include <stddef.h>

#include <atomic>
#include <thread>

namespace ane {

// A descriptor (close-on-exec) of `size` zero bytes. Throws FileError.
int createSharedMemory(size_t size);

// All bytes behind the descriptor, readable and writable. The descriptor stays the caller's and may
// be closed.
class SharedMapping {
 public:
  // Throws FileError. Pages are fetched by a thread of its own from now on, in the order of their
  // addresses, so that the first access to each costs no fault; an access that is faster than the
  // thread just takes its fault.
  explicit SharedMapping(int descriptor);
  SharedMapping(const SharedMapping&) = delete;
  SharedMapping& operator=(const SharedMapping&) = delete;
  ~SharedMapping();

  void* data() const { return data_; }
  size_t size() const { return size_; }

  // Ends the mapping now; data() must not be used any more.
  void close();

 private:
  void fetchPages();

  void* data_ = nullptr;
  size_t size_ = 0;
  std::atomic<bool> closing_{false};
  std::thread fetcher_;
};

}  // namespace ane

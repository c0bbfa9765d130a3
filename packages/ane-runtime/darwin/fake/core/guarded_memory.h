// Memory of a surface: shared with the daemon, and protected by what is going on with it, so that a forbidden access
// ends the process with a message instead of passing unseen. Unlocked it can be read (work that reads what an
// evaluation left may be queued after the lock), locked for writing it can be written, and while the engine writes
// it nobody can touch it.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>

namespace fake {

class GuardedMemory {
 public:
  // Zeroed; whole pages of 16 KiB, as on Apple silicon.
  explicit GuardedMemory(size_t bytes);
  ~GuardedMemory();
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;

  void* base() const { return base_; }
  size_t size() const { return size_; }
  int file() const { return file_; }
  int id() const { return id_; }

  // Each returns the rule that the call breaks, empty if none.
  std::string lock(bool readOnly);
  std::string unlock(bool readOnly);
  std::string beginEngineAccess(bool writes);
  void endEngineAccess(bool writes);
  bool locked();
  // "write-locked once", for messages
  std::string state();

 private:
  void protect();
  std::string describe() const;

  std::mutex mutex_;
  int id_;
  int file_;
  size_t size_;
  void* base_;
  int readLocks_ = 0;
  int writeLocks_ = 0;
  int engineReads_ = 0;
  int engineWrites_ = 0;
};

}  // namespace fake

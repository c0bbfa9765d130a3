// Works in the order they were pushed, one after the other, executed by idle workers of the thread pool and by whoever
// waits for them.
#pragma once

#include <stddef.h>

#include <atomic>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>

#include "core/phased_work.h"

namespace ane {

class BackgroundQueue final : public BackgroundSource {
 public:
  BackgroundQueue();
  // Drops what has not started and waits for the chunks that are running.
  ~BackgroundQueue() override;
  BackgroundQueue(const BackgroundQueue&) = delete;
  BackgroundQueue& operator=(const BackgroundQueue&) = delete;

  // Ignored after a failure, until wait() has reported it.
  void push(std::unique_ptr<PhasedWork> work);

  // Helps until the queue is empty. After a failure the rest of the queue is dropped and the first exception rethrown.
  void wait();

  // Works that are not complete.
  size_t pending() const;

  bool runOneChunk() override;

 private:
  void startWork();
  void finishChunk(std::unique_lock<std::mutex>& lock, std::exception_ptr failure);

  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<PhasedWork>> works_;
  // Of the first work: its phase, the number of chunks, the next one to start, those that are running.
  size_t phase_ = 0, chunks_ = 0, next_ = 0, running_ = 0;
  std::exception_ptr failure_;
  // Grows whenever a chunk may have become available or the queue may have become empty.
  std::atomic<unsigned> progress_{0};
};

}  // namespace ane

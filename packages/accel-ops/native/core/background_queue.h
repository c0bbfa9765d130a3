// Works in the order they were pushed, one after the other, executed by idle workers of the thread
// pool and by whoever waits for them. A work is made when its turn has come: those that wait hold
// no memory.
#pragma once

#include <stddef.h>

#include <atomic>
#include <deque>
#include <exception>
#include <functional>
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

  using Maker = std::function<std::unique_ptr<PhasedWork>()>;

  // Ignored after a failure, until wait() has reported it. `make` may fail, too.
  void push(Maker make);

  // Helps until at most `pending` works are not complete. After a failure the rest of the queue is
  // dropped and the first exception rethrown.
  void wait(size_t pending = 0);

  // Works that are not complete.
  size_t pending() const;

  bool runOneChunk() override;

 private:
  void startFirst();
  void finishChunk(std::unique_lock<std::mutex>& lock, std::exception_ptr failure);

  mutable std::mutex mutex_;
  // Those that are not complete; the first one is made.
  std::deque<Maker> works_;
  std::unique_ptr<PhasedWork> first_;
  // Of the first work: its phase, the number of chunks, the next one to start, those that are
  // running.
  size_t phase_ = 0, chunks_ = 0, next_ = 0, running_ = 0;
  std::exception_ptr failure_;
  // Grows whenever a chunk may have become available or a work may have been completed.
  std::atomic<unsigned> progress_{0};
};

}  // namespace ane

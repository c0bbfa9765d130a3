// The one pool of threads of the process. Foreground work (parallelFor) is shared by the calling thread and the
// pool's workers; background work (BackgroundQueue) is taken chunk by chunk by workers that have nothing else to do,
// and by whoever waits for it. With n threads there are n - 1 workers: the caller is the n-th.
#pragma once

#include <stddef.h>

#include <atomic>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <type_traits>

namespace ane {

// Number of threads that take part in foreground work, the caller included. At the start: ANE_THREADS, or as many as
// the hardware runs at once.
int threadCount();

// Starts or stops workers; 1 <= count <= kMaxThreads. Returns when stopped workers are gone.
void setThreadCount(int count);

constexpr int kMaxThreads = 256;

// Calls body(context, i) for every i in [0, chunks), in any order and on any thread, and returns when all calls have
// returned. After an exception no new chunks start, and the first exception is rethrown here.
void runChunks(size_t chunks, void (*body)(void* context, size_t chunk), void* context);

// body(chunk) for every chunk in [0, chunks). Results are the same for any number of threads as long as no chunk's
// result depends on another's.
template <class Body>
void parallelFor(size_t chunks, Body&& body) {
  using Plain = std::remove_reference_t<Body>;
  runChunks(
      chunks, [](void* context, size_t chunk) { (*static_cast<Plain*>(context))(chunk); },
      const_cast<void*>(static_cast<const void*>(&body)));
}

// body(begin, end) over [0, count) in pieces of `grain` (the last one may be shorter). The pieces depend on count and
// grain only, never on the number of threads.
template <class Body>
void parallelRange(size_t count, size_t grain, Body&& body) {
  parallelFor((count + grain - 1) / grain, [&](size_t chunk) {
    const size_t begin = chunk * grain;
    body(begin, begin + grain < count ? begin + grain : count);
  });
}

// Work made of phases; the chunks of a phase are independent of each other, and a phase starts when the one before
// it is complete. There is at least one phase, and at least one chunk in each.
class PhasedWork {
 public:
  virtual ~PhasedWork() = default;
  virtual size_t phases() const = 0;
  virtual size_t chunks(size_t phase) const = 0;
  virtual void run(size_t phase, size_t chunk) = 0;
};

// Runs all phases now, as foreground work.
void runPhases(PhasedWork& work);

// Works in the order they were pushed, one after the other, executed in the background.
class BackgroundQueue {
 public:
  BackgroundQueue();
  // Drops what has not started and waits for the chunks that are running.
  ~BackgroundQueue();
  BackgroundQueue(const BackgroundQueue&) = delete;
  BackgroundQueue& operator=(const BackgroundQueue&) = delete;

  // Ignored after a failure, until wait() has reported it.
  void push(std::unique_ptr<PhasedWork> work);

  // Helps until the queue is empty. After a failure the rest of the queue is dropped and the first exception rethrown.
  void wait();

  // Works that are not complete.
  size_t pending() const;

  // Runs one chunk, if there is one that may start. For the pool's workers.
  bool runOneChunk();

 private:
  void startWork();
  void finishChunk(std::unique_lock<std::mutex>&, std::exception_ptr failure);

  mutable std::mutex mutex_;
  std::deque<std::unique_ptr<PhasedWork>> works_;
  size_t phase_ = 0, chunks_ = 0, next_ = 0, running_ = 0;
  std::exception_ptr failure_;
  // Grows whenever a chunk may have become available or the queue may have become empty.
  std::atomic<unsigned> progress_{0};
};

}  // namespace ane

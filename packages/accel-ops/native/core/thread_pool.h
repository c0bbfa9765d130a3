// The one pool of threads of the process. Foreground work (parallelFor) is shared by the calling
// thread and the pool's workers; background work (BackgroundQueue) is taken chunk by chunk by
// workers that have nothing else to do, and by whoever waits for it. With n threads there are n - 1
// workers: the caller is the n-th.
#pragma once

#include <stddef.h>

#include <type_traits>

namespace ane {

// Number of threads that take part in foreground work, the caller included. At the start:
// ANE_THREADS, or as many as the hardware runs at once.
int threadCount();

// Starts or stops workers; 1 <= count <= kMaxThreads. Returns when stopped workers are gone.
void setThreadCount(int count);

constexpr int kMaxThreads = 256;

// Calls body(context, i) for every i in [0, chunks), in any order and on any thread, and returns
// when all calls have returned. After an exception no new chunks start, and the first exception is
// rethrown here.
void runChunks(size_t chunks, void (*body)(void* context, size_t chunk), void* context);

// body(chunk) for every chunk in [0, chunks). Results are the same for any number of threads as
// long as no chunk's result depends on another's.
template <class Body>
void parallelFor(size_t chunks, Body&& body) {
  using Plain = std::remove_reference_t<Body>;
  runChunks(
      chunks, [](void* context, size_t chunk) { (*static_cast<Plain*>(context))(chunk); },
      const_cast<void*>(static_cast<const void*>(&body)));
}

// body(begin, end) over [0, count) in pieces of `grain` (the last one may be shorter). The pieces
// depend on count and grain only, never on the number of threads.
template <class Body>
void parallelRange(size_t count, size_t grain, Body&& body) {
  parallelFor((count + grain - 1) / grain, [&](size_t chunk) {
    const size_t begin = chunk * grain;
    body(begin, begin + grain < count ? begin + grain : count);
  });
}

// Work that workers take up when there is no foreground work.
class BackgroundSource {
 public:
  virtual ~BackgroundSource() = default;
  // Runs one small piece, if there is one that may start; called by several workers at once.
  virtual bool runOneChunk() = 0;
};

void addBackgroundSource(BackgroundSource& source);
// On return no worker is inside the source.
void removeBackgroundSource(BackgroundSource& source);

// Tells the workers that there may be something to do.
void announceWork();

// Waits, spinning, for something that other running threads are about to make true.
void spinUntil(bool (*condition)(void* context), void* context);

template <class Condition>
void spinUntil(Condition&& condition) {
  using Plain = std::remove_reference_t<Condition>;
  spinUntil([](void* context) -> bool { return (*static_cast<Plain*>(context))(); },
            const_cast<void*>(static_cast<const void*>(&condition)));
}

}  // namespace ane

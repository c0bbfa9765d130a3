#include "core/peak.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/thread_pool.h"

namespace ane {

double measurePeak(double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto threads = static_cast<size_t>(threadCount());
  const auto until = Clock::now() + std::chrono::duration<double>(seconds);
  double best = 0;
  do {
    // Chunks small enough that a thread which is held up leaves its share to the others.
    const size_t chunks = 16 * threads;
    std::vector<size_t> operations(chunks);
    const auto start = Clock::now();
    parallelFor(chunks, [&](size_t i) {
      float sink = 0.5f;
      operations[i] = peakKernels().multiplyAdd(20000, &sink);
    });
    const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::max(best, static_cast<double>(operations[0] * chunks) / elapsed);
  } while (Clock::now() < until);
  return best;
}

}  // namespace ane

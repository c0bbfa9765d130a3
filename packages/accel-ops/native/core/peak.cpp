#include "core/peak.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/thread_pool.h"

namespace ane {
namespace {

using Clock = std::chrono::steady_clock;
using MultiplyAdd = size_t (*)(size_t iterations, float* sink);

double measure(MultiplyAdd multiplyAdd, double seconds) {
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
      operations[i] = multiplyAdd(20000, &sink);
    });
    const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::max(best, static_cast<double>(operations[0] * chunks) / elapsed);
  } while (Clock::now() < until);
  return best;
}

}  // namespace

double measurePeak(double seconds) { return measure(peakKernels().multiplyAdd, seconds); }

std::vector<std::pair<std::string, double>> measurePeaks(double seconds) {
  const std::vector<std::string> features = cpuFeatures();
  std::vector<std::pair<std::string, double>> peaks;
  const auto add = [&](const std::string& feature, MultiplyAdd multiplyAdd) {
    if (std::find(features.begin(), features.end(), feature) == features.end()) return;
    peaks.emplace_back(feature, measure(multiplyAdd, seconds));
  };
#if defined(__x86_64__)
  add("avx2", avx2::peakKernels.multiplyAdd);
  add("avx512", avx512::peakKernels.multiplyAdd);
#elif defined(__aarch64__)
  add("neon", neon::peakKernels.multiplyAdd);
#endif
  if (bf16PeakFeature) add(bf16PeakFeature, bf16MultiplyAdd);
  return peaks;
}

}  // namespace ane

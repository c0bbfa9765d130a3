#include "core/bandwidth.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "core/thread_pool.h"

namespace ane {
namespace {

constexpr size_t kPage = size_t{1} << 21;   // arrays begin on a huge page
constexpr size_t kGrain = size_t{1} << 18;  // floats per chunk: 1 MiB

struct Free {
  void operator()(float* data) const { ::operator delete[](data, std::align_val_t{kPage}); }
};
using Array = std::unique_ptr<float[], Free>;

Array makeArray(size_t length) {
  auto* data =
      static_cast<float*>(::operator new[](length * sizeof(float), std::align_val_t{kPage}));
#if defined(__linux__)
  madvise(data, length * sizeof(float), MADV_HUGEPAGE);
#endif
  std::fill_n(data, length, 1.0f);
  return Array(data);
}

// Four floats to memory past the caches, where the processor can.
struct Four {
  float values[4];
};

inline void stream(float* target, const Four& four) {
#if defined(__x86_64__)
  _mm_stream_ps(target, _mm_loadu_ps(four.values));
#else
  std::copy_n(four.values, 4, target);
#endif
}

void finishStreams() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

std::atomic<uint64_t> sink;

void readAll(const float* a, size_t begin, size_t end) {
  const auto* words = reinterpret_cast<const uint32_t*>(a);
  uint32_t sum = 0;
  for (size_t i = begin; i < end; ++i) sum += words[i];
  sink.fetch_add(sum, std::memory_order_relaxed);
}

void write(float* a, size_t begin, size_t end, float value) {
  // An inline loop: std::fill may stream by itself.
  for (size_t i = begin; i < end; ++i) a[i] = value;
}

void copy(float* __restrict a, const float* __restrict b, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i += 4) {
    Four four;
    std::copy_n(b + i, 4, four.values);
    std::copy_n(four.values, 4, a + i);
  }
}

void update(float* a, size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) a[i] *= 3.0f;
}

void triad(float* __restrict a, const float* __restrict b, const float* __restrict c, size_t begin,
           size_t end) {
  for (size_t i = begin; i < end; ++i) a[i] = b[i] + 3.0f * c[i];
}

// value(i, j) gives element i + j.
template <class Value>
void streamAll(float* a, size_t begin, size_t end, Value&& value) {
  for (size_t i = begin; i < end; i += 4)
    stream(a + i, {value(i), value(i + 1), value(i + 2), value(i + 3)});
  finishStreams();
}

}  // namespace

Bandwidth measureBandwidth(size_t bytes, double seconds) {
  using Clock = std::chrono::steady_clock;
  const size_t length = std::max(bytes / sizeof(float) / kGrain, size_t{1}) * kGrain;
  const Array a = makeArray(length), b = makeArray(length), c = makeArray(length);
  const auto until = Clock::now() + std::chrono::duration<double>(seconds);
  Bandwidth best;
  // One pass; `arrays` counts those that are read or written.
  const auto pass = [&](double& rate, int arrays, auto&& body) {
    const auto start = Clock::now();
    parallelRange(length, kGrain, body);
    const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
    rate = std::max(rate, static_cast<double>(arrays * length * sizeof(float)) / elapsed);
  };
  float* const x = a.get();
  const float *const y = b.get(), *const z = c.get();
  float value = 0;
  do {
    value += 1;
    pass(best.read, 1, [=](size_t i, size_t end) { readAll(y, i, end); });
    pass(best.write, 1, [=](size_t i, size_t end) { write(x, i, end, value); });
    pass(best.streamingWrite, 1,
         [=](size_t i, size_t end) { streamAll(x, i, end, [=](size_t) { return value; }); });
    pass(best.copy, 2, [=](size_t i, size_t end) { copy(x, y, i, end); });
    pass(best.streamingCopy, 2,
         [=](size_t i, size_t end) { streamAll(x, i, end, [=](size_t j) { return y[j]; }); });
    pass(best.update, 2, [=](size_t i, size_t end) { update(x, i, end); });
    pass(best.triad, 3, [=](size_t i, size_t end) { triad(x, y, z, i, end); });
    pass(best.streamingTriad, 3, [=](size_t i, size_t end) {
      streamAll(x, i, end, [=](size_t j) { return y[j] + 3.0f * z[j]; });
    });
  } while (Clock::now() < until);
  return best;
}

}  // namespace ane

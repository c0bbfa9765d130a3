#include "ops/vector.h"

#include <atomic>
#include <vector>

#include "core/thread_pool.h"

namespace ane {
namespace {

// Elements per chunk of parallel work. Results of reductions depend on it.
constexpr size_t kGrain = 32768;

}  // namespace

void add(const float* a, const float* b, float* out, size_t count) {
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    vectorKernels().add(a + begin, b + begin, out + begin, end - begin);
  });
}

void sub(const float* a, const float* b, float* out, size_t count) {
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    vectorKernels().sub(a + begin, b + begin, out + begin, end - begin);
  });
}

void scale(float* x, float alpha, size_t count) {
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    vectorKernels().scale(x + begin, alpha, end - begin);
  });
}

void axpy(float alpha, const float* x, float* y, size_t count) {
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    vectorKernels().axpy(alpha, x + begin, y + begin, end - begin);
  });
}

double dot(const float* a, const float* b, size_t count) {
  std::vector<double> sums((count + kGrain - 1) / kGrain);
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    sums[begin / kGrain] = vectorKernels().dot(a + begin, b + begin, end - begin);
  });
  double total = 0;
  for (double sum : sums) total += sum;
  return total;
}

bool allFinite(Elements x, size_t count) {
  std::atomic<bool> finite{true};
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    if (!finite.load(std::memory_order_relaxed)) return;
    const bool ok = x.type == Element::fp32
                        ? vectorKernels().allFiniteFloats(x.floats() + begin, end - begin)
                        : vectorKernels().allFiniteHalves(x.halves() + begin, end - begin);
    if (!ok) finite.store(false, std::memory_order_relaxed);
  });
  return finite;
}

}  // namespace ane

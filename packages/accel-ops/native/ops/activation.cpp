#include "ops/activation.h"

#include "core/thread_pool.h"

namespace ane {
namespace {

// Elements per chunk of parallel work.
constexpr size_t kGrain = 16384;

}  // namespace

void sigmoid(const float* x, float* out, size_t count) {
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    activationKernels().sigmoid(x + begin, out + begin, end - begin);
  });
}

void silu(const float* x, float* out, size_t count) {
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    activationKernels().silu(x + begin, out + begin, end - begin);
  });
}

void siluBackward(const float* x, const float* dOut, float* dx, size_t count) {
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    activationKernels().siluBackward(x + begin, dOut + begin, dx + begin, end - begin);
  });
}

void swiGlu(const float* h1, const float* h3, float* gate, size_t count) {
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    activationKernels().swiGlu(h1 + begin, h3 + begin, gate + begin, end - begin);
  });
}

void swiGluBackward(const SwiGluGradients& arrays, size_t count) {
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    activationKernels().swiGluBackward(arrays, begin, end);
  });
}

}  // namespace ane

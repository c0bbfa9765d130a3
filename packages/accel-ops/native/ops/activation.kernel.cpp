#include "ops/activation.h"

#include "simd/exp.h"
#include "simd/lanes.h"

namespace ane::ANE_ISA {
namespace {

// silu'(x), given s = σ(x).
ANE_INLINE F32 siluSlope(F32 x, F32 s) { return s * fma(x, splat(1.0f) - s, splat(1.0f)); }

void sigmoidArray(const float* x, float* out, size_t count) {
  forEachVector(count,
                [=](size_t i, auto lanes) { lanes.store(out + i, sigmoid(lanes.load(x + i))); });
}

void silu(const float* x, float* out, size_t count) {
  forEachVector(count, [=](size_t i, auto lanes) {
    const F32 value = lanes.load(x + i);
    lanes.store(out + i, value * sigmoid(value));
  });
}

void siluBackward(const float* x, const float* dOut, float* dx, size_t count) {
  forEachVector(count, [=](size_t i, auto lanes) {
    const F32 value = lanes.load(x + i);
    lanes.store(dx + i, lanes.load(dOut + i) * siluSlope(value, sigmoid(value)));
  });
}

void swiGlu(const float* h1, const float* h3, float* gate, size_t count) {
  forEachVector(count, [=](size_t i, auto lanes) {
    const F32 value = lanes.load(h1 + i);
    lanes.store(gate + i, value * sigmoid(value) * lanes.load(h3 + i));
  });
}

void swiGluBackward(const SwiGluGradients& arrays, size_t begin, size_t end) {
  const SwiGluGradients a = arrays;
  forEachVector(end - begin, [=](size_t at, auto lanes) {
    const size_t i = begin + at;
    const F32 h1 = lanes.load(a.h1 + i), h3 = lanes.load(a.h3 + i), dGate = lanes.load(a.dGate + i);
    const F32 s = sigmoid(h1);
    lanes.store(a.dH1 + i, dGate * h3 * siluSlope(h1, s));
    lanes.store(a.dH3 + i, dGate * (h1 * s));
  });
}

}  // namespace

const ActivationKernels activationKernels = {sigmoidArray, silu, siluBackward, swiGlu,
                                             swiGluBackward};

}  // namespace ane::ANE_ISA

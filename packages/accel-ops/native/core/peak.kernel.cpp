#include "core/peak.h"

#include "simd/simd.h"

namespace ane::ANE_ISA {
namespace {

// Independent chains, enough to keep every multiply-add unit busy and few enough to stay in
// registers.
constexpr size_t kChains = 12;

size_t multiplyAdd(size_t iterations, float* sink) {
  F32 chains[kChains];
  for (size_t j = 0; j < kChains; ++j) chains[j] = splat(*sink);
  const F32 factor = splat(0.999f), term = splat(0.001f);
  for (size_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 12
    for (size_t j = 0; j < kChains; ++j) chains[j] = fma(chains[j], factor, term);
  }
  for (size_t j = 0; j < kChains; ++j) *sink += sum(chains[j]);
  return 2 * kChains * kLanes * iterations;
}

}  // namespace

const PeakKernels peakKernels = {multiplyAdd};

}  // namespace ane::ANE_ISA

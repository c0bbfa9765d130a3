// Products of bf16 pairs with fp32 sums (AVX512-BF16). A file of its own, as only this one function may use the instructions.
#include "core/peak.h"

#if defined(__x86_64__)

#include <immintrin.h>

namespace ane {

const char* const bf16PeakFeature = "avx512bf16";

__attribute__((target("avx512f,avx512bf16"))) size_t bf16MultiplyAdd(size_t iterations, float* sink) {
  // Independent chains, enough to keep every unit busy and few enough to stay in registers.
  constexpr size_t kChains = 12, kPairs = 16;
  __m512 chains[kChains];
  for (__m512& chain : chains) chain = _mm512_set1_ps(*sink);
  // 0x3f00 is 0.5 and 0x3a83 about 0.001: the sums converge.
  const __m512bh left = (__m512bh)_mm512_set1_epi32(0x3f003f00), right = (__m512bh)_mm512_set1_epi32(0x3a833a83);
  for (size_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 12
    for (__m512& chain : chains) chain = _mm512_dpbf16_ps(chain, left, right);
  }
  float lanes[kPairs];
  for (const __m512& chain : chains) {
    _mm512_storeu_ps(lanes, chain);
    for (float lane : lanes) *sink += lane;
  }
  return 4 * kPairs * kChains * iterations;
}

}  // namespace ane

#else

namespace ane {

const char* const bf16PeakFeature = nullptr;
size_t bf16MultiplyAdd(size_t, float*) { return 0; }

}  // namespace ane

#endif

// Products of bf16 pairs with fp32 sums (AVX512-BF16, BFMMLA). A file of its own, as only this one
// function may use the instructions.
#include "core/peak.h"

#if defined(__x86_64__)

#include <immintrin.h>

namespace ane {

const char* const bf16PeakFeature = "avx512bf16";

__attribute__((target("avx512f,avx512bf16"))) size_t bf16MultiplyAdd(size_t iterations,
                                                                     float* sink) {
  // Independent chains, enough to keep every unit busy and few enough to stay in registers.
  constexpr size_t kChains = 12, kPairs = 16;
  __m512 chains[kChains];
  for (__m512& chain : chains) chain = _mm512_set1_ps(*sink);
  // 0x3f00 is 0.5 and 0x3a83 about 0.001: the sums converge.
  const __m512bh left = (__m512bh)_mm512_set1_epi32(0x3f003f00),
                 right = (__m512bh)_mm512_set1_epi32(0x3a833a83);
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

#elif defined(__aarch64__) && defined(__linux__)

#include <arm_neon.h>

namespace ane {

const char* const bf16PeakFeature = "neonbf16";

__attribute__((target("arch=armv8.2-a+bf16"))) size_t bf16MultiplyAdd(size_t iterations,
                                                                      float* sink) {
  constexpr size_t kChains = 16, kProducts = 16;
  float32x4_t chains[kChains];
  for (float32x4_t& chain : chains) chain = vdupq_n_f32(*sink);
  // About 0.001: the sums stay finite.
  const bfloat16x8_t small = vreinterpretq_bf16_u16(vdupq_n_u16(0x3a83));
  for (size_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 16
    for (float32x4_t& chain : chains) chain = vbfmmlaq_f32(chain, small, small);
  }
  for (const float32x4_t& chain : chains) *sink += vaddvq_f32(chain);
  return 2 * kProducts * kChains * iterations;
}

}  // namespace ane

#else

namespace ane {

const char* const bf16PeakFeature = nullptr;
size_t bf16MultiplyAdd(size_t, float*) { return 0; }

}  // namespace ane

#endif

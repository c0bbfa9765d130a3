// simd.h for AVX2 with FMA and F16C: 8 lanes.
#pragma once

#include <immintrin.h>

namespace ane::ANE_ISA {

constexpr size_t kLanes = 8;

struct F32 {
  __m256 v;
};
struct I32 {
  __m256i v;
};
struct Mask {
  __m256 v;
};
struct HalfBits {
  __m128i v;
};

ANE_INLINE __m256i firstLanes(size_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

ANE_INLINE F32 zero() { return {_mm256_setzero_ps()}; }
ANE_INLINE F32 splat(float x) { return {_mm256_set1_ps(x)}; }
ANE_INLINE F32 load(const float* p) { return {_mm256_loadu_ps(p)}; }
ANE_INLINE void store(float* p, F32 a) { _mm256_storeu_ps(p, a.v); }
ANE_INLINE F32 loadPart(const float* p, size_t count) {
  return {_mm256_maskload_ps(p, firstLanes(count))};
}
ANE_INLINE void storePart(float* p, F32 a, size_t count) {
  _mm256_maskstore_ps(p, firstLanes(count), a.v);
}

ANE_INLINE HalfBits loadHalfBits(const uint16_t* p) {
  return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))};
}
ANE_INLINE void storeHalfBits(uint16_t* p, HalfBits a) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), a.v);
}
ANE_INLINE HalfBits loadHalfBitsPart(const uint16_t* p, size_t count) {
  alignas(16) uint16_t bits[8] = {};
  for (size_t i = 0; i < count; ++i) bits[i] = p[i];
  return loadHalfBits(bits);
}
ANE_INLINE void storeHalfBitsPart(uint16_t* p, HalfBits a, size_t count) {
  alignas(16) uint16_t bits[8];
  storeHalfBits(bits, a);
  for (size_t i = 0; i < count; ++i) p[i] = bits[i];
}
ANE_INLINE F32 fromHalf(HalfBits a) { return {_mm256_cvtph_ps(a.v)}; }
ANE_INLINE HalfBits toHalf(F32 a) {
  return {_mm256_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}

ANE_INLINE F32 operator+(F32 a, F32 b) { return {_mm256_add_ps(a.v, b.v)}; }
ANE_INLINE F32 operator-(F32 a, F32 b) { return {_mm256_sub_ps(a.v, b.v)}; }
ANE_INLINE F32 operator*(F32 a, F32 b) { return {_mm256_mul_ps(a.v, b.v)}; }
ANE_INLINE F32 operator/(F32 a, F32 b) { return {_mm256_div_ps(a.v, b.v)}; }
ANE_INLINE F32 fma(F32 a, F32 b, F32 c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
ANE_INLINE F32 fnma(F32 a, F32 b, F32 c) { return {_mm256_fnmadd_ps(a.v, b.v, c.v)}; }
ANE_INLINE F32 sqrt(F32 a) { return {_mm256_sqrt_ps(a.v)}; }
ANE_INLINE F32 max(F32 a, F32 b) { return {_mm256_max_ps(a.v, b.v)}; }
ANE_INLINE F32 min(F32 a, F32 b) { return {_mm256_min_ps(a.v, b.v)}; }
ANE_INLINE F32 roundEven(F32 a) {
  return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
ANE_INLINE F32 floor(F32 a) { return {_mm256_floor_ps(a.v)}; }
ANE_INLINE F32 ceil(F32 a) { return {_mm256_ceil_ps(a.v)}; }

ANE_INLINE Mask operator<(F32 a, F32 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)}; }
ANE_INLINE Mask operator<=(F32 a, F32 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ)}; }
ANE_INLINE Mask operator==(F32 a, F32 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ)}; }
ANE_INLINE Mask isNan(F32 a) { return {_mm256_cmp_ps(a.v, a.v, _CMP_UNORD_Q)}; }
ANE_INLINE F32 select(Mask m, F32 yes, F32 no) { return {_mm256_blendv_ps(no.v, yes.v, m.v)}; }

ANE_INLINE I32 splatInt(int32_t x) { return {_mm256_set1_epi32(x)}; }
ANE_INLINE I32 asInt(F32 a) { return {_mm256_castps_si256(a.v)}; }
ANE_INLINE F32 asFloat(I32 a) { return {_mm256_castsi256_ps(a.v)}; }
ANE_INLINE I32 toInt(F32 a) { return {_mm256_cvtps_epi32(a.v)}; }
ANE_INLINE F32 toFloat(I32 a) { return {_mm256_cvtepi32_ps(a.v)}; }
ANE_INLINE I32 operator+(I32 a, I32 b) { return {_mm256_add_epi32(a.v, b.v)}; }
ANE_INLINE I32 operator-(I32 a, I32 b) { return {_mm256_sub_epi32(a.v, b.v)}; }
ANE_INLINE I32 operator&(I32 a, I32 b) { return {_mm256_and_si256(a.v, b.v)}; }
ANE_INLINE I32 operator|(I32 a, I32 b) { return {_mm256_or_si256(a.v, b.v)}; }
ANE_INLINE I32 operator^(I32 a, I32 b) { return {_mm256_xor_si256(a.v, b.v)}; }
template <int n>
ANE_INLINE I32 shiftLeft(I32 a) {
  return {_mm256_slli_epi32(a.v, n)};
}
template <int n>
ANE_INLINE I32 shiftRight(I32 a) {
  return {_mm256_srai_epi32(a.v, n)};
}

ANE_INLINE float sum(F32 a) {
  __m128 x = _mm_add_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  x = _mm_add_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
}
ANE_INLINE float maxLane(F32 a) {
  __m128 x = _mm_max_ps(_mm256_castps256_ps128(a.v), _mm256_extractf128_ps(a.v, 1));
  x = _mm_max_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
}

// Row i of the square becomes column i.
ANE_INLINE void transpose(F32 (&rows)[kLanes]) {
  __m256 t[8];
#pragma GCC unroll 2
  for (int i = 0; i < 8; i += 4) {
    const __m256 a = _mm256_unpacklo_ps(rows[i].v, rows[i + 1].v),
                 b = _mm256_unpackhi_ps(rows[i].v, rows[i + 1].v);
    const __m256 c = _mm256_unpacklo_ps(rows[i + 2].v, rows[i + 3].v),
                 d = _mm256_unpackhi_ps(rows[i + 2].v, rows[i + 3].v);
    t[i] = _mm256_shuffle_ps(a, c, 0x44);
    t[i + 1] = _mm256_shuffle_ps(a, c, 0xee);
    t[i + 2] = _mm256_shuffle_ps(b, d, 0x44);
    t[i + 3] = _mm256_shuffle_ps(b, d, 0xee);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    rows[i].v = _mm256_permute2f128_ps(t[i], t[i + 4], 0x20);
    rows[i + 4].v = _mm256_permute2f128_ps(t[i], t[i + 4], 0x31);
  }
}

}  // namespace ane::ANE_ISA

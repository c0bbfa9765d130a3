// simd.h for AVX-512 (F, BW, CD, DQ, VL): 16 lanes.
#pragma once

#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
// GCC's own headers pass undefined vectors where a mask of all ones ignores them (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

namespace ane::ANE_ISA {

constexpr size_t kLanes = 16;

struct F32 {
  __m512 v;
};
struct I32 {
  __m512i v;
};
struct Mask {
  __mmask16 v;
};
struct HalfBits {
  __m256i v;
};

ANE_INLINE __mmask16 firstLanes(size_t count) { return static_cast<__mmask16>((1u << count) - 1u); }

ANE_INLINE F32 zero() { return {_mm512_setzero_ps()}; }
ANE_INLINE F32 splat(float x) { return {_mm512_set1_ps(x)}; }
ANE_INLINE F32 load(const float* p) { return {_mm512_loadu_ps(p)}; }
ANE_INLINE void store(float* p, F32 a) { _mm512_storeu_ps(p, a.v); }
ANE_INLINE F32 loadPart(const float* p, size_t count) {
  return {_mm512_maskz_loadu_ps(firstLanes(count), p)};
}
ANE_INLINE void storePart(float* p, F32 a, size_t count) {
  _mm512_mask_storeu_ps(p, firstLanes(count), a.v);
}

ANE_INLINE HalfBits loadHalfBits(const uint16_t* p) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
}
ANE_INLINE void storeHalfBits(uint16_t* p, HalfBits a) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.v);
}
ANE_INLINE HalfBits loadHalfBitsPart(const uint16_t* p, size_t count) {
  return {_mm256_maskz_loadu_epi16(firstLanes(count), p)};
}
ANE_INLINE void storeHalfBitsPart(uint16_t* p, HalfBits a, size_t count) {
  _mm256_mask_storeu_epi16(p, firstLanes(count), a.v);
}
ANE_INLINE F32 fromHalf(HalfBits a) { return {_mm512_cvtph_ps(a.v)}; }
ANE_INLINE HalfBits toHalf(F32 a) {
  return {_mm512_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}

ANE_INLINE F32 operator+(F32 a, F32 b) { return {_mm512_add_ps(a.v, b.v)}; }
ANE_INLINE F32 operator-(F32 a, F32 b) { return {_mm512_sub_ps(a.v, b.v)}; }
ANE_INLINE F32 operator*(F32 a, F32 b) { return {_mm512_mul_ps(a.v, b.v)}; }
ANE_INLINE F32 operator/(F32 a, F32 b) { return {_mm512_div_ps(a.v, b.v)}; }
// a * b + c and c - a * b, rounded once (on scalar, twice).
ANE_INLINE F32 fma(F32 a, F32 b, F32 c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
ANE_INLINE F32 fnma(F32 a, F32 b, F32 c) { return {_mm512_fnmadd_ps(a.v, b.v, c.v)}; }
ANE_INLINE F32 sqrt(F32 a) { return {_mm512_sqrt_ps(a.v)}; }
// The second operand if either is NaN.
ANE_INLINE F32 max(F32 a, F32 b) { return {_mm512_max_ps(a.v, b.v)}; }
ANE_INLINE F32 min(F32 a, F32 b) { return {_mm512_min_ps(a.v, b.v)}; }
ANE_INLINE F32 roundEven(F32 a) {
  return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
ANE_INLINE F32 floor(F32 a) {
  return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)};
}
ANE_INLINE F32 ceil(F32 a) {
  return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC)};
}

ANE_INLINE Mask operator<(F32 a, F32 b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
ANE_INLINE Mask operator<=(F32 a, F32 b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ)}; }
ANE_INLINE Mask operator==(F32 a, F32 b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
ANE_INLINE Mask isNan(F32 a) { return {_mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q)}; }
ANE_INLINE F32 select(Mask m, F32 yes, F32 no) { return {_mm512_mask_blend_ps(m.v, no.v, yes.v)}; }

ANE_INLINE I32 splatInt(int32_t x) { return {_mm512_set1_epi32(x)}; }
ANE_INLINE I32 asInt(F32 a) { return {_mm512_castps_si512(a.v)}; }
ANE_INLINE F32 asFloat(I32 a) { return {_mm512_castsi512_ps(a.v)}; }
ANE_INLINE I32 toInt(F32 a) { return {_mm512_cvtps_epi32(a.v)}; }
ANE_INLINE F32 toFloat(I32 a) { return {_mm512_cvtepi32_ps(a.v)}; }
ANE_INLINE I32 operator+(I32 a, I32 b) { return {_mm512_add_epi32(a.v, b.v)}; }
ANE_INLINE I32 operator-(I32 a, I32 b) { return {_mm512_sub_epi32(a.v, b.v)}; }
ANE_INLINE I32 operator&(I32 a, I32 b) { return {_mm512_and_si512(a.v, b.v)}; }
ANE_INLINE I32 operator|(I32 a, I32 b) { return {_mm512_or_si512(a.v, b.v)}; }
ANE_INLINE I32 operator^(I32 a, I32 b) { return {_mm512_xor_si512(a.v, b.v)}; }
template <int n>
ANE_INLINE I32 shiftLeft(I32 a) {
  return {_mm512_slli_epi32(a.v, n)};
}
// Arithmetic: copies of the sign bit come in.
template <int n>
ANE_INLINE I32 shiftRight(I32 a) {
  return {_mm512_srai_epi32(a.v, n)};
}

// Sum of all lanes, in a fixed order (halves are added until one lane is left).
ANE_INLINE float sum(F32 a) { return _mm512_reduce_add_ps(a.v); }
ANE_INLINE float maxLane(F32 a) { return _mm512_reduce_max_ps(a.v); }

// Row i of the square becomes column i: pairs, then quads of lanes are interleaved, then the
// 128-bit quarters.
ANE_INLINE void transpose(F32 (&rows)[kLanes]) {
  __m512 t[16];
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    const __m512 a = _mm512_unpacklo_ps(rows[i].v, rows[i + 1].v),
                 b = _mm512_unpackhi_ps(rows[i].v, rows[i + 1].v);
    const __m512 c = _mm512_unpacklo_ps(rows[i + 2].v, rows[i + 3].v),
                 d = _mm512_unpackhi_ps(rows[i + 2].v, rows[i + 3].v);
    t[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(c)));
    t[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(c)));
    t[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(b), _mm512_castps_pd(d)));
    t[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(b), _mm512_castps_pd(d)));
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const __m512 a = _mm512_shuffle_f32x4(t[i], t[i + 4], 0x88),
                 b = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0x88);
    const __m512 c = _mm512_shuffle_f32x4(t[i], t[i + 4], 0xdd),
                 d = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0xdd);
    rows[i].v = _mm512_shuffle_f32x4(a, b, 0x88);
    rows[i + 8].v = _mm512_shuffle_f32x4(a, b, 0xdd);
    rows[i + 4].v = _mm512_shuffle_f32x4(c, d, 0x88);
    rows[i + 12].v = _mm512_shuffle_f32x4(c, d, 0xdd);
  }
}

}  // namespace ane::ANE_ISA

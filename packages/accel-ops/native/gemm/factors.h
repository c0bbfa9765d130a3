// What the panels of a packed matrix product hold, and how two of their elements are multiplied:
// fp32 numbers, or pairs of neighbouring depths rounded to bf16 (ANE_BF16), whose products are
// summed in fp32. An element has 32 bits in both.
#pragma once

#include "simd/simd.h"

namespace ane::ANE_ISA {

// factorsAlong(p):             kLanes elements of kTerms depths each, of one row whose depths are
// neighbours factorsAlongPart(p, count):  the same where only `count` numbers are left; the others
// are zero factorsAcross(p, depthStride, rows, depths): one element each of kLanes neighbouring
// rows, zero beyond `rows` and `depths`
#if defined(ANE_BF16)
constexpr size_t kTerms = 2;

// To nearest even; subnormal numbers become zero, as the instruction has it.
ANE_INLINE __m256i toBf16(F32 a) { return (__m256i)_mm512_cvtneps_pbh(a.v); }

ANE_INLINE F32 alternating(__m256i first, __m256i second) {
  const __m512i low = _mm512_cvtepu16_epi32(first), high = _mm512_cvtepu16_epi32(second);
  return {_mm512_castsi512_ps(_mm512_or_si512(low, _mm512_slli_epi32(high, 16)))};
}

ANE_INLINE F32 neighbouring(F32 first, F32 second) {
  return {_mm512_castsi512_ps((__m512i)_mm512_cvtne2ps_pbh(second.v, first.v))};
}

template <class T>
ANE_INLINE F32 factorsAlong(const T* p) {
  return neighbouring(load(p), load(p + kLanes));
}

template <class T>
ANE_INLINE F32 factorsAlongPart(const T* p, size_t count) {
  if (count <= kLanes) return neighbouring(loadPart(p, count), zero());
  return neighbouring(load(p), loadPart(p + kLanes, count - kLanes));
}

template <class T>
ANE_INLINE F32 factorsAcross(const T* p, ptrdiff_t depthStride, size_t rows, size_t depths) {
  const F32 first = rows >= kLanes ? load(p) : loadPart(p, rows);
  if (depths < 2) return alternating(toBf16(first), _mm256_setzero_si256());
  const T* const next = p + depthStride;
  return alternating(toBf16(first), toBf16(rows >= kLanes ? load(next) : loadPart(next, rows)));
}

ANE_INLINE F32 multiplyAdd(F32 a, F32 b, F32 sum) {
  return {_mm512_dpbf16_ps(sum.v, (__m512bh)a.v, (__m512bh)b.v)};
}
#else
constexpr size_t kTerms = 1;

template <class T>
ANE_INLINE F32 factorsAlong(const T* p) {
  return load(p);
}

template <class T>
ANE_INLINE F32 factorsAlongPart(const T* p, size_t count) {
  return loadPart(p, count);
}

template <class T>
ANE_INLINE F32 factorsAcross(const T* p, ptrdiff_t, size_t rows, size_t) {
  return rows >= kLanes ? load(p) : loadPart(p, rows);
}

ANE_INLINE F32 multiplyAdd(F32 a, F32 b, F32 sum) { return fma(a, b, sum); }
#endif

}  // namespace ane::ANE_ISA

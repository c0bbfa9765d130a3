// exp and the logistic function on vectors. Relative error of exp below 9e-8 where its result is
// normal (measured against float64 on 4 million points); NaN stays NaN, overflow is infinity,
// underflow reaches the subnormals and zero.
#pragma once

#include "simd/simd.h"

namespace ane::ANE_ISA {

// y·2^n for integers n, |n| < 252.
ANE_INLINE F32 scaleByPowerOfTwo(F32 y, F32 n) {
#if defined(ANE_ISA_AVX512)
  return {_mm512_scalef_ps(y.v, n.v)};
#else
  // In two factors: n itself may be beyond the exponents of normal numbers.
  const I32 exponent = toInt(n), half = shiftRight<1>(exponent), one = splatInt(0x3f800000);
  return y * asFloat(shiftLeft<23>(half) + one) * asFloat(shiftLeft<23>(exponent - half) + one);
#endif
}

// exp(x) = 2^n · exp(r), n = round(x / ln 2), |r| <= ln 2 / 2, with ln 2 in two parts so that r is
// exact enough. exp(r) = 1 + r + r²·q(r); q is the minimax polynomial of degree 4 for the relative
// error (4.4e-9), found by Remez exchange in 40 digits.
ANE_INLINE F32 exp(F32 x) {
  x = min(splat(89.0f), max(splat(-104.0f), x));
  const F32 n = roundEven(x * splat(1.44269504f));
  const F32 r = fnma(n, splat(-2.12194440e-4f), fnma(n, splat(0.693359375f), x));
  F32 q = splat(0.00138144719f);
  q = fma(q, r, splat(0.00836877618f));
  q = fma(q, r, splat(0.0416683927f));
  q = fma(q, r, splat(0.166665196f));
  q = fma(q, r, splat(0.49999994f));
  const F32 y = fma(q, r * r, r) + splat(1.0f);
  return scaleByPowerOfTwo(y, n);
}

// exp(x) for x that is zero or below, where speed counts: 2^t = 2^n · 2^f, t = x / ln 2, n =
// round(t). Relative error below 1.7e-7 + 6e-8·|x|, the second from the rounding of t; exp(0) is 1.
// 2^f = 1 + f·q(f); q is the minimax polynomial of degree 4 for the relative error (9.1e-8).
ANE_INLINE F32 expBelow(F32 x) {
  const F32 t = max(splat(-151.0f), x * splat(1.44269504f));
  const F32 n = roundEven(t), f = t - n;
  F32 q = splat(0.00132647157f);
  q = fma(q, f, splat(0.00967151299f));
  q = fma(q, f, splat(0.0555073395f));
  q = fma(q, f, splat(0.240222424f));
  q = fma(q, f, splat(0.693147004f));
  return scaleByPowerOfTwo(fma(q, f, splat(1.0f)), n);
}

// 1 / (1 + exp(-x)) without overflow or cancellation: relative accuracy on both sides.
ANE_INLINE F32 sigmoid(F32 x) {
  const F32 e = exp(-abs(x)), one = splat(1.0f);
  return select(x < zero(), e, one) / (one + e);
}

}  // namespace ane::ANE_ISA

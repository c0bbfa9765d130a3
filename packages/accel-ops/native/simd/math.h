// Elementary functions of vectors, accurate to about 2 ulp over their whole range; infinities, NaN
// and subnormal results as in IEEE arithmetic. The polynomials are minimax fits (Remez exchange in
// 40 digits) over the stated intervals, rounded to fp32; the error of the fit is given relative to
// the function.
#pragma once

#include "simd/exp.h"
#include "simd/simd.h"

namespace ane::ANE_ISA {

// c[0] + c[1] x + ... by Horner's rule.
template <size_t n>
ANE_INLINE F32 polynomial(F32 x, const float (&c)[n]) {
  F32 y = splat(c[n - 1]);
  for (size_t i = n - 1; i-- > 0;) y = fma(y, x, splat(c[i]));
  return y;
}

// ln(x) = e ln(2) + ln(1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); ln(1 + f) = f - f^2/2 + f^3 p(f),
// error 1e-9.
ANE_INLINE F32 log(F32 x) {
  static constexpr float p[] = {0.333333105f,  -0.249999866f, 0.20002231f,
                                -0.166692629f, 0.142185777f,  -0.12384066f,
                                0.118733533f,  -0.117917344f, 0.0691680461f};
  const Mask subnormal = x < splat(0x1p-126f);
  const F32 normal = select(subnormal, x * splat(0x1p23f), x);
  // Subtracting sqrt(1/2)'s bits makes the exponent field count from that point on.
  const I32 offset = asInt(normal) - splatInt(0x3f3504f3);
  const F32 e = toFloat(shiftRight<23>(offset)) - select(subnormal, splat(23.0f), zero());
  const F32 f = asFloat((offset & splatInt(0x7fffff)) + splatInt(0x3f3504f3)) - splat(1.0f);
  const F32 f2 = f * f;
  const F32 tail = fma(e, splat(-2.12194440e-4f), fma(f2 * f, polynomial(f, p), splat(-0.5f) * f2));
  F32 y = fma(e, splat(0.693359375f), f + tail);
  const F32 infinity = splat(__builtin_inff());
  y = select(x < infinity, y, x);  // infinity and NaN stay
  y = select(x == zero(), zero() - infinity, y);
  return select(x < zero(), splat(__builtin_nanf("")), y);
}

// |x| < 0.625: x + x^3 p(x^2), error 4e-9; above: 1 - 2 / (e^2|x| + 1).
ANE_INLINE F32 tanh(F32 x) {
  static constexpr float p[] = {-0.333332837f, 0.133314833f, -0.0537427738f, 0.0206480622f,
                                -0.00571406353f};
  const F32 a = abs(x), x2 = x * x;
  const F32 small = fma(x * x2, polynomial(x2, p), x);
  const F32 large = splat(1.0f) - splat(2.0f) / (exp(a + a) + splat(1.0f));
  const F32 sign = asFloat(asInt(x) & splatInt(INT32_MIN));
  return select(a < splat(0.625f), small, asFloat(asInt(large) | asInt(sign)));
}

// The two parts of erf and erfc. |x| < 0.875: erf(x) = x + x p(x^2), error 1e-8. Above: erfc(|x|) =
// e^(g(|x|) - x^2), where the error of g weighs 2.7e-8 on erf and up to 1e-5 on erfc itself.
ANE_INLINE F32 erfNearZero(F32 x) {
  static constexpr float p[] = {0.128379166f,   -0.376126349f,    0.11283733f,    -0.0268615838f,
                                0.00520674745f, -0.000821110385f, 8.67539202e-05f};
  return fma(x, polynomial(x * x, p), x);
}

ANE_INLINE F32 erfcFarFromZero(F32 absolute) {
  static constexpr float g[] = {-0.000128258034f, -1.12831485f,   0.364806741f,    -0.106941998f,
                                0.0247400403f,    -0.0042375084f, 0.000508472382f, -3.99174569e-05f,
                                1.8266162e-06f,   -3.674824e-08f};
  const F32 a = min(splat(10.5f), absolute);  // keeps NaN
  return exp(fnma(a, a, polynomial(a, g)));
}

ANE_INLINE F32 erf(F32 x) {
  const F32 a = abs(x), far = splat(1.0f) - erfcFarFromZero(a);
  const F32 sign = asFloat(asInt(x) & splatInt(INT32_MIN));
  return select(a < splat(0.875f), erfNearZero(x), asFloat(asInt(far) | asInt(sign)));
}

// 1 - erf(x), without cancellation for large x.
ANE_INLINE F32 erfc(F32 x) {
  const F32 a = abs(x), far = erfcFarFromZero(a);
  const F32 tail = select(x < zero(), splat(2.0f) - far, far);
  return select(a < splat(0.875f), splat(1.0f) - erfNearZero(x), tail);
}

}  // namespace ane::ANE_ISA

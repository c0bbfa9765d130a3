// simd.h in portable C++ (the vector extension of GCC and Clang): 4 lanes, which the compiler maps
// to what the baseline has. No fused multiply-add: fma rounds twice.
#pragma once

namespace ane::ANE_ISA {

constexpr size_t kLanes = 4;

typedef float Float4 __attribute__((vector_size(16)));
typedef int32_t Int4 __attribute__((vector_size(16)));

struct F32 {
  Float4 v;
};
struct I32 {
  Int4 v;
};
struct Mask {
  Int4 v;
};
struct HalfBits {
  Int4 v;
};

ANE_INLINE F32 splat(float x) { return {Float4{x, x, x, x}}; }
ANE_INLINE F32 zero() { return splat(0); }
ANE_INLINE F32 load(const float* p) {
  F32 a;
  memcpy(&a, p, sizeof a);
  return a;
}
ANE_INLINE void store(float* p, F32 a) { memcpy(p, &a, sizeof a); }
ANE_INLINE F32 loadPart(const float* p, size_t count) {
  F32 a = zero();
  for (size_t i = 0; i < count; ++i) a.v[i] = p[i];
  return a;
}
ANE_INLINE void storePart(float* p, F32 a, size_t count) {
  for (size_t i = 0; i < count; ++i) p[i] = a.v[i];
}

ANE_INLINE I32 splatInt(int32_t x) { return {Int4{x, x, x, x}}; }
ANE_INLINE I32 asInt(F32 a) { return {(Int4)a.v}; }
ANE_INLINE F32 asFloat(I32 a) { return {(Float4)a.v}; }
ANE_INLINE I32 operator+(I32 a, I32 b) { return {a.v + b.v}; }
ANE_INLINE I32 operator-(I32 a, I32 b) { return {a.v - b.v}; }
ANE_INLINE I32 operator&(I32 a, I32 b) { return {a.v & b.v}; }
ANE_INLINE I32 operator|(I32 a, I32 b) { return {a.v | b.v}; }
ANE_INLINE I32 operator^(I32 a, I32 b) { return {a.v ^ b.v}; }
template <int n>
ANE_INLINE I32 shiftLeft(I32 a) {
  return {a.v << n};
}
template <int n>
ANE_INLINE I32 shiftRight(I32 a) {
  return {a.v >> n};
}

ANE_INLINE F32 operator+(F32 a, F32 b) { return {a.v + b.v}; }
ANE_INLINE F32 operator-(F32 a, F32 b) { return {a.v - b.v}; }
ANE_INLINE F32 operator*(F32 a, F32 b) { return {a.v * b.v}; }
ANE_INLINE F32 operator/(F32 a, F32 b) { return {a.v / b.v}; }
ANE_INLINE F32 fma(F32 a, F32 b, F32 c) { return {a.v * b.v + c.v}; }
ANE_INLINE F32 fnma(F32 a, F32 b, F32 c) { return {c.v - a.v * b.v}; }

ANE_INLINE Mask operator<(F32 a, F32 b) { return {a.v < b.v}; }
ANE_INLINE Mask operator<=(F32 a, F32 b) { return {a.v <= b.v}; }
ANE_INLINE Mask operator==(F32 a, F32 b) { return {a.v == b.v}; }
ANE_INLINE Mask isNan(F32 a) { return {a.v != a.v}; }
ANE_INLINE I32 select(Mask m, I32 yes, I32 no) { return {(yes.v & m.v) | (no.v & ~m.v)}; }
ANE_INLINE F32 select(Mask m, F32 yes, F32 no) { return asFloat(select(m, asInt(yes), asInt(no))); }

// The second operand if either is NaN.
ANE_INLINE F32 max(F32 a, F32 b) { return select(b < a, a, b); }
ANE_INLINE F32 min(F32 a, F32 b) { return select(a < b, a, b); }
ANE_INLINE F32 sqrt(F32 a) {
  return {Float4{__builtin_sqrtf(a.v[0]), __builtin_sqrtf(a.v[1]), __builtin_sqrtf(a.v[2]),
                 __builtin_sqrtf(a.v[3])}};
}
ANE_INLINE F32 roundEven(F32 a) {
  return {Float4{__builtin_rintf(a.v[0]), __builtin_rintf(a.v[1]), __builtin_rintf(a.v[2]),
                 __builtin_rintf(a.v[3])}};
}
ANE_INLINE F32 floor(F32 a) {
  return {Float4{__builtin_floorf(a.v[0]), __builtin_floorf(a.v[1]), __builtin_floorf(a.v[2]),
                 __builtin_floorf(a.v[3])}};
}
ANE_INLINE F32 ceil(F32 a) {
  return {Float4{__builtin_ceilf(a.v[0]), __builtin_ceilf(a.v[1]), __builtin_ceilf(a.v[2]),
                 __builtin_ceilf(a.v[3])}};
}
ANE_INLINE I32 toInt(F32 a) { return {__builtin_convertvector(roundEven(a).v, Int4)}; }
ANE_INLINE F32 toFloat(I32 a) { return {__builtin_convertvector(a.v, Float4)}; }

ANE_INLINE HalfBits loadHalfBitsPart(const uint16_t* p, size_t count) {
  HalfBits a = {};
  for (size_t i = 0; i < count; ++i) a.v[i] = p[i];
  return a;
}
ANE_INLINE void storeHalfBitsPart(uint16_t* p, HalfBits a, size_t count) {
  for (size_t i = 0; i < count; ++i) p[i] = static_cast<uint16_t>(a.v[i]);
}
ANE_INLINE HalfBits loadHalfBits(const uint16_t* p) { return {Int4{p[0], p[1], p[2], p[3]}}; }
ANE_INLINE void storeHalfBits(uint16_t* p, HalfBits a) { storeHalfBitsPart(p, a, 4); }

// Exponent and mantissa are moved to their places in a float; 2^112 corrects the bias, for
// subnormals too.
ANE_INLINE F32 fromHalf(HalfBits a) {
  const I32 bits = {a.v};
  const I32 magnitude = shiftLeft<13>(bits & splatInt(0x7fff)),
            sign = shiftLeft<16>(bits & splatInt(0x8000));
  const F32 finite = asFloat(magnitude) * splat(0x1p112f);
  const Mask special = {magnitude.v >= splatInt(0x0f800000).v};
  // A NaN leaves quiet, as the conversion instructions of x86 and ARM do.
  const Mask nan = {magnitude.v > splatInt(0x0f800000).v};
  const I32 infinite = magnitude | splatInt(0x7f800000) | (I32{nan.v} & splatInt(0x00400000));
  return asFloat(select(special, infinite, asInt(finite)) | sign);
}
// Round to nearest even. Subnormal halves: adding 0.5 makes the float adder round at the right bit.
ANE_INLINE HalfBits toHalf(F32 a) {
  const I32 bits = asInt(a), magnitude = bits & splatInt(INT32_MAX);
  const I32 odd = shiftRight<13>(magnitude) & splatInt(1);
  const I32 normal = shiftRight<13>(magnitude + splatInt(((15 - 127) << 23) + 0xfff) + odd);
  const I32 subnormal = asInt(asFloat(magnitude) + splat(0.5f)) - splatInt(0x3f000000);
  const I32 nan = splatInt(0x7e00) | (shiftRight<13>(magnitude) & splatInt(0x3ff));
  I32 half = select({magnitude.v < splatInt(0x38800000).v}, subnormal, normal);
  half = select({magnitude.v >= splatInt(0x47800000).v}, splatInt(0x7c00), half);
  half = select({magnitude.v > splatInt(0x7f800000).v}, nan, half);
  return {(half | (shiftRight<16>(bits) & splatInt(0x8000))).v};
}

ANE_INLINE float sum(F32 a) { return (a.v[0] + a.v[2]) + (a.v[1] + a.v[3]); }
ANE_INLINE float maxLane(F32 a) {
  const float x = a.v[0] > a.v[2] ? a.v[0] : a.v[2], y = a.v[1] > a.v[3] ? a.v[1] : a.v[3];
  return x > y ? x : y;
}

// Row i of the square becomes column i.
ANE_INLINE void transpose(F32 (&rows)[kLanes]) {
  const Float4 a = rows[0].v, b = rows[1].v, c = rows[2].v, d = rows[3].v;
  for (int i = 0; i < 4; ++i) rows[i].v = Float4{a[i], b[i], c[i], d[i]};
}

}  // namespace ane::ANE_ISA

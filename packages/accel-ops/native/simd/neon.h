// simd.h for aarch64 NEON: 4 lanes.
#pragma once

#include <arm_neon.h>

namespace ane::ANE_ISA {

constexpr size_t kLanes = 4;

struct F32 {
  float32x4_t v;
};
struct I32 {
  int32x4_t v;
};
struct Mask {
  uint32x4_t v;
};
struct HalfBits {
  uint16x4_t v;
};

ANE_INLINE F32 zero() { return {vdupq_n_f32(0)}; }
ANE_INLINE F32 splat(float x) { return {vdupq_n_f32(x)}; }
ANE_INLINE F32 load(const float* p) { return {vld1q_f32(p)}; }
ANE_INLINE void store(float* p, F32 a) { vst1q_f32(p, a.v); }
ANE_INLINE F32 loadPart(const float* p, size_t count) {
  float lanes[4] = {};
  for (size_t i = 0; i < count; ++i) lanes[i] = p[i];
  return load(lanes);
}
ANE_INLINE void storePart(float* p, F32 a, size_t count) {
  float lanes[4];
  store(lanes, a);
  for (size_t i = 0; i < count; ++i) p[i] = lanes[i];
}

ANE_INLINE HalfBits loadHalfBits(const uint16_t* p) { return {vld1_u16(p)}; }
ANE_INLINE void storeHalfBits(uint16_t* p, HalfBits a) { vst1_u16(p, a.v); }
ANE_INLINE HalfBits loadHalfBitsPart(const uint16_t* p, size_t count) {
  uint16_t bits[4] = {};
  for (size_t i = 0; i < count; ++i) bits[i] = p[i];
  return loadHalfBits(bits);
}
ANE_INLINE void storeHalfBitsPart(uint16_t* p, HalfBits a, size_t count) {
  uint16_t bits[4];
  storeHalfBits(bits, a);
  for (size_t i = 0; i < count; ++i) p[i] = bits[i];
}
ANE_INLINE F32 fromHalf(HalfBits a) { return {vcvt_f32_f16(vreinterpret_f16_u16(a.v))}; }
ANE_INLINE HalfBits toHalf(F32 a) { return {vreinterpret_u16_f16(vcvt_f16_f32(a.v))}; }

ANE_INLINE F32 operator+(F32 a, F32 b) { return {vaddq_f32(a.v, b.v)}; }
ANE_INLINE F32 operator-(F32 a, F32 b) { return {vsubq_f32(a.v, b.v)}; }
ANE_INLINE F32 operator*(F32 a, F32 b) { return {vmulq_f32(a.v, b.v)}; }
ANE_INLINE F32 operator/(F32 a, F32 b) { return {vdivq_f32(a.v, b.v)}; }
ANE_INLINE F32 fma(F32 a, F32 b, F32 c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
ANE_INLINE F32 fnma(F32 a, F32 b, F32 c) { return {vfmsq_f32(c.v, a.v, b.v)}; }
ANE_INLINE F32 sqrt(F32 a) { return {vsqrtq_f32(a.v)}; }
// As on x86: the second operand if either is NaN.
ANE_INLINE F32 max(F32 a, F32 b) { return {vbslq_f32(vcgtq_f32(a.v, b.v), a.v, b.v)}; }
ANE_INLINE F32 min(F32 a, F32 b) { return {vbslq_f32(vcltq_f32(a.v, b.v), a.v, b.v)}; }
ANE_INLINE F32 roundEven(F32 a) { return {vrndnq_f32(a.v)}; }
ANE_INLINE F32 floor(F32 a) { return {vrndmq_f32(a.v)}; }
ANE_INLINE F32 ceil(F32 a) { return {vrndpq_f32(a.v)}; }

ANE_INLINE Mask operator<(F32 a, F32 b) { return {vcltq_f32(a.v, b.v)}; }
ANE_INLINE Mask operator<=(F32 a, F32 b) { return {vcleq_f32(a.v, b.v)}; }
ANE_INLINE Mask operator==(F32 a, F32 b) { return {vceqq_f32(a.v, b.v)}; }
ANE_INLINE Mask isNan(F32 a) { return {vmvnq_u32(vceqq_f32(a.v, a.v))}; }
ANE_INLINE F32 select(Mask m, F32 yes, F32 no) { return {vbslq_f32(m.v, yes.v, no.v)}; }

ANE_INLINE I32 splatInt(int32_t x) { return {vdupq_n_s32(x)}; }
ANE_INLINE I32 asInt(F32 a) { return {vreinterpretq_s32_f32(a.v)}; }
ANE_INLINE F32 asFloat(I32 a) { return {vreinterpretq_f32_s32(a.v)}; }
ANE_INLINE I32 toInt(F32 a) { return {vcvtnq_s32_f32(a.v)}; }
ANE_INLINE F32 toFloat(I32 a) { return {vcvtq_f32_s32(a.v)}; }
ANE_INLINE I32 operator+(I32 a, I32 b) { return {vaddq_s32(a.v, b.v)}; }
ANE_INLINE I32 operator-(I32 a, I32 b) { return {vsubq_s32(a.v, b.v)}; }
ANE_INLINE I32 operator&(I32 a, I32 b) { return {vandq_s32(a.v, b.v)}; }
ANE_INLINE I32 operator|(I32 a, I32 b) { return {vorrq_s32(a.v, b.v)}; }
ANE_INLINE I32 operator^(I32 a, I32 b) { return {veorq_s32(a.v, b.v)}; }
template <int n>
ANE_INLINE I32 shiftLeft(I32 a) {
  return {vshlq_n_s32(a.v, n)};
}
template <int n>
ANE_INLINE I32 shiftRight(I32 a) {
  return {vshrq_n_s32(a.v, n)};
}

ANE_INLINE float sum(F32 a) {
  const float32x2_t x = vadd_f32(vget_low_f32(a.v), vget_high_f32(a.v));
  return vget_lane_f32(vpadd_f32(x, x), 0);
}
ANE_INLINE float maxLane(F32 a) { return vmaxvq_f32(a.v); }

// Row i of the square becomes column i.
ANE_INLINE void transpose(F32 (&rows)[kLanes]) {
  const float32x4x2_t a = vtrnq_f32(rows[0].v, rows[1].v), b = vtrnq_f32(rows[2].v, rows[3].v);
  rows[0].v = vcombine_f32(vget_low_f32(a.val[0]), vget_low_f32(b.val[0]));
  rows[1].v = vcombine_f32(vget_low_f32(a.val[1]), vget_low_f32(b.val[1]));
  rows[2].v = vcombine_f32(vget_high_f32(a.val[0]), vget_high_f32(b.val[0]));
  rows[3].v = vcombine_f32(vget_high_f32(a.val[1]), vget_high_f32(b.val[1]));
}

}  // namespace ane::ANE_ISA

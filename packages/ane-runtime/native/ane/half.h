// fp16 <-> fp32, IEEE: rounded to nearest, ties to even; subnormals exact; NaN stays NaN, quiet, with the top ten
// bits of its payload. The NEON and the portable form give the same bits for every input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace ane {

inline uint16_t halfFromFloat(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  const uint32_t sign = (bits >> 16) & 0x8000;
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return static_cast<uint16_t>(sign | 0x7e00 | ((magnitude >> 13) & 0x3ff));  // NaN
  if (magnitude >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7c00);  // 65520 and more round to infinity
  if (magnitude >= 0x38800000) {                                             // 2^-14 and more: normal
    const uint32_t rebiased = magnitude - 0x38000000;
    return static_cast<uint16_t>(sign | ((rebiased + 0xfff + ((rebiased >> 13) & 1)) >> 13));
  }
  if (magnitude <= 0x33000000) return static_cast<uint16_t>(sign);  // 2^-25 is a tie, and goes to zero
  const uint32_t shift = 126 - (magnitude >> 23);
  const uint32_t significand = (magnitude & 0x7fffff) | 0x800000;
  const uint32_t kept = significand >> shift;
  const uint32_t lost = significand & ((1u << shift) - 1);
  const uint32_t tie = 1u << (shift - 1);
  return static_cast<uint16_t>(sign | (kept + (lost > tie || (lost == tie && (kept & 1)))));
}

inline float floatFromHalf(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t exponent = (half >> 10) & 31;
  const uint32_t fraction = half & 0x3ff;
  uint32_t bits = sign;
  if (exponent == 31) {
    bits |= 0x7f800000 | (fraction << 13) | (fraction ? 0x400000 : 0);
  } else if (exponent != 0) {
    bits |= ((exponent + 112) << 23) | (fraction << 13);
  } else if (fraction != 0) {  // a subnormal half is a normal float
    const uint32_t shift = static_cast<uint32_t>(__builtin_clz(fraction)) - 21;
    bits |= ((113 - shift) << 23) | ((fraction << (shift + 13)) & 0x7fffff);
  }
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

inline void toHalf(const float* source, uint16_t* target, size_t count) {
  size_t i = 0;
#if defined(__aarch64__)
  for (; i + 8 <= count; i += 8) {
    const float16x8_t halves = vcvt_high_f16_f32(vcvt_f16_f32(vld1q_f32(source + i)), vld1q_f32(source + i + 4));
    vst1q_u16(target + i, vreinterpretq_u16_f16(halves));
  }
#endif
  for (; i < count; i++) target[i] = halfFromFloat(source[i]);
}

inline void toFloat(const uint16_t* source, float* target, size_t count) {
  size_t i = 0;
#if defined(__aarch64__)
  for (; i + 8 <= count; i += 8) {
    const float16x8_t halves = vreinterpretq_f16_u16(vld1q_u16(source + i));
    vst1q_f32(target + i, vcvt_f32_f16(vget_low_f16(halves)));
    vst1q_f32(target + i + 4, vcvt_high_f32_f16(halves));
  }
#endif
  for (; i < count; i++) target[i] = floatFromHalf(source[i]);
}

}  // namespace ane

// Vectors of fp32 lanes with one interface for every instruction set: F32 (lanes), I32 (the same
// number of int32 lanes) and Mask (one truth value per lane). Everything lives in ane::ANE_ISA and
// is inlined, so that code compiled for one instruction set can never be linked in place of
// another's.
//
// Kernel sources include this and no C++ library header that defines functions: an inline function
// of the library, compiled here with AVX-512, could be the copy the linker keeps for everybody.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ANE_INLINE static inline __attribute__((always_inline))

#if defined(ANE_ISA_AVX512)
#include "simd/avx512.h"
#elif defined(ANE_ISA_AVX2)
#include "simd/avx2.h"
#elif defined(ANE_ISA_NEON)
#include "simd/neon.h"
#elif defined(ANE_ISA_SCALAR)
#include "simd/scalar.h"
#else
#error "simd/simd.h is for *.kernel.cpp only: they are compiled once per instruction set"
#endif

namespace ane::ANE_ISA {

ANE_INLINE F32 operator-(F32 a) { return asFloat(asInt(a) ^ splatInt(INT32_MIN)); }
ANE_INLINE F32 abs(F32 a) { return asFloat(asInt(a) & splatInt(INT32_MAX)); }

// The larger (smaller) of two numbers; NaN if either is NaN.
ANE_INLINE F32 maxNan(F32 a, F32 b) { return select(isNan(a), a, max(a, b)); }
ANE_INLINE F32 minNan(F32 a, F32 b) { return select(isNan(a), a, min(a, b)); }

// The value after one rounding to half (round to nearest even, overflow to infinity).
ANE_INLINE F32 roundToHalf(F32 a) { return fromHalf(toHalf(a)); }

// One interface for fp32 and fp16 memory, for kernels that are templates over the element type.
ANE_INLINE F32 load(const uint16_t* p) { return fromHalf(loadHalfBits(p)); }
ANE_INLINE void store(uint16_t* p, F32 a) { storeHalfBits(p, toHalf(a)); }

// Partial access: the first `count` lanes, 0 < count < kLanes; the lanes beyond are zero when
// loaded, not stored.
ANE_INLINE F32 loadPart(const uint16_t* p, size_t count) {
  return fromHalf(loadHalfBitsPart(p, count));
}
ANE_INLINE void storePart(uint16_t* p, F32 a, size_t count) {
  storeHalfBitsPart(p, toHalf(a), count);
}

}  // namespace ane::ANE_ISA

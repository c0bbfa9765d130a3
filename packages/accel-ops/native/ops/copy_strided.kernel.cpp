#include "ops/copy_strided.h"

#include "simd/lanes.h"

namespace ane::ANE_ISA {
namespace {

// Calls body(source pointer, target pointer) with their types.
template <class Body>
ANE_INLINE void byType(Elements src, Elements dst, Body body) {
  if (src.type == Element::fp32) {
    if (dst.type == Element::fp32) return body(src.floats(), dst.floats());
    return body(src.floats(), dst.halves());
  }
  if (dst.type == Element::fp32) return body(src.halves(), dst.floats());
  body(src.halves(), dst.halves());
}

ANE_INLINE void copyOne(const float* from, float* to) { *to = *from; }
ANE_INLINE void copyOne(const uint16_t* from, uint16_t* to) { *to = *from; }
template <class T, class Target>
ANE_INLINE void copyOne(const T* from, Target* to) {
  storePart(to, loadPart(from, 1), 1);
}

void row(Elements src, ptrdiff_t srcStride, Elements dst, ptrdiff_t dstStride, size_t count) {
  byType(src, dst, [=](const auto* from, auto* to) {
    if (srcStride == 1 && dstStride == 1) {
      if constexpr (sizeof *from == sizeof *to) {
        memcpy(to, from, count * sizeof *to);
      } else {
        forEachVector(count,
                      [=](size_t i, auto lanes) { lanes.store(to + i, lanes.load(from + i)); });
      }
      return;
    }
    for (size_t i = 0; i < count; ++i) {
      copyOne(from + static_cast<ptrdiff_t>(i) * srcStride,
              to + static_cast<ptrdiff_t>(i) * dstStride);
    }
  });
}

// Squares of vectors are transposed in registers.
void transposed(Elements src, ptrdiff_t srcStride, Elements dst, ptrdiff_t dstStride, size_t rows,
                size_t columns) {
  byType(src, dst, [=](const auto* from, auto* to) {
    for (size_t i = 0; i < rows; i += kLanes) {
      const size_t high = rows - i < kLanes ? rows - i : kLanes;
      for (size_t j = 0; j < columns; j += kLanes) {
        const size_t wide = columns - j < kLanes ? columns - j : kLanes;
        F32 square[kLanes];
        for (size_t l = 0; l < kLanes; ++l) {
          const auto* const at = from + i + static_cast<ptrdiff_t>(j + l) * srcStride;
          square[l] = l >= wide ? zero() : high == kLanes ? load(at) : loadPart(at, high);
        }
        transpose(square);
        for (size_t l = 0; l < high; ++l) {
          auto* const at = to + static_cast<ptrdiff_t>(i + l) * dstStride + j;
          wide == kLanes ? store(at, square[l]) : storePart(at, square[l], wide);
        }
      }
    }
  });
}

}  // namespace

const CopyKernels copyKernels = {row, transposed};

}  // namespace ane::ANE_ISA

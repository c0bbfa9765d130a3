#include "ops/copy_strided.h"

#include "simd/lanes.h"

namespace ane::ANE_ISA {
namespace {

// Side of the square tiles that a transposing copy works on: reads and writes stay in the first-level cache.
constexpr size_t kTile = 32;

ANE_INLINE void copyElement(const float* from, float* to) { *to = *from; }
ANE_INLINE void copyElement(const uint16_t* from, uint16_t* to) { *to = *from; }
template <class Source, class Target>
ANE_INLINE void copyElement(const Source* from, Target* to) { storePart(to, loadPart(from, 1), 1); }

template <class Source, class Target>
void copyRow(const Source* src, Target* dst, size_t count) {
  if constexpr (sizeof(Source) == sizeof(Target)) {
    memcpy(dst, src, count * sizeof(Source));
  } else {
    forEachVector(count, [=](size_t i, auto lanes) { lanes.store(dst + i, lanes.load(src + i)); });
  }
}

template <class Source, class Target>
void copyPlane(const Source* src, Target* dst, const CopyPlane& p) {
  if (p.srcColumn == 1 && p.dstColumn == 1) {
    for (size_t r = 0; r < p.rows; ++r) {
      const auto row = static_cast<ptrdiff_t>(r);
      copyRow(src + row * p.srcRow, dst + row * p.dstRow, p.columns);
    }
    return;
  }
  for (size_t row = 0; row < p.rows; row += kTile) {
    const size_t rowEnd = row + kTile < p.rows ? row + kTile : p.rows;
    for (size_t column = 0; column < p.columns; column += kTile) {
      const size_t columnEnd = column + kTile < p.columns ? column + kTile : p.columns;
      for (size_t r = row; r < rowEnd; ++r) {
        const Source* from = src + static_cast<ptrdiff_t>(r) * p.srcRow;
        Target* to = dst + static_cast<ptrdiff_t>(r) * p.dstRow;
        for (size_t c = column; c < columnEnd; ++c) {
          const auto at = static_cast<ptrdiff_t>(c);
          copyElement(from + at * p.srcColumn, to + at * p.dstColumn);
        }
      }
    }
  }
}

void plane(Elements src, Elements dst, const CopyPlane& p) {
  const bool floatSource = src.type == Element::fp32, floatTarget = dst.type == Element::fp32;
  if (floatSource && floatTarget) return copyPlane(src.floats(), dst.floats(), p);
  if (floatSource) return copyPlane(src.floats(), dst.halves(), p);
  if (floatTarget) return copyPlane(src.halves(), dst.floats(), p);
  copyPlane(src.halves(), dst.halves(), p);
}

}  // namespace

const CopyStridedKernels copyStridedKernels = {plane};

}  // namespace ane::ANE_ISA

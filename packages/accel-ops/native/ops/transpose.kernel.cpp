#include "ops/transpose.h"

#include "simd/lanes.h"
#include "simd/transpose.h"

namespace ane::ANE_ISA {
namespace {

// Tile by tile: whole cache lines of dst are written at once, whatever the distance between its
// rows.
template <class Target>
void transposePart(const Transpose& a, Target* dst, size_t row, size_t rowEnd, size_t column,
                   size_t columnEnd) {
  alignas(64) float tile[kTile * kTile];
  for (size_t r = row; r < rowEnd; r += kTile) {
    const size_t rows = rowEnd - r < kTile ? rowEnd - r : kTile;
    for (size_t c = column; c < columnEnd; c += kTile) {
      const size_t columns = columnEnd - c < kTile ? columnEnd - c : kTile;
      transposeTile(rows, columns, tile, [&](size_t i) { return a.src + (r + i) * a.columns + c; });
      for (size_t j = 0; j < columns; ++j) {
        const float* from = tile + j * kTile;
        Target* to = dst + (c + j) * a.rows + r;
        forEachVector(rows,
                      [=](size_t i, auto lanes) { lanes.store(to + i, lanes.load(from + i)); });
      }
    }
  }
}

void part(const Transpose& a, size_t row, size_t rowEnd, size_t column, size_t columnEnd) {
  if (a.dst.type == Element::fp32)
    return transposePart(a, a.dst.floats(), row, rowEnd, column, columnEnd);
  transposePart(a, a.dst.halves(), row, rowEnd, column, columnEnd);
}

}  // namespace

const TransposeKernels transposeKernels = {part};

}  // namespace ane::ANE_ISA

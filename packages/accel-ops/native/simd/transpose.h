// Transposes small tiles of fp32 matrices into a buffer that stays in the first-level cache.
#pragma once

#include "simd/simd.h"

namespace ane::ANE_ISA {

// Rows and columns of a tile: a transposed row of fp32 fills two cache lines, of fp16 one.
constexpr size_t kTile = 32;

// tile[c * kTile + r] = rowAt(r)[c] for r < rows and c < columns, both at most kTile. Squares of
// kLanes x kLanes are transposed in registers.
template <class RowAt>
ANE_INLINE void transposeTile(size_t rows, size_t columns, float* tile, RowAt rowAt) {
  const size_t wholeRows = rows / kLanes * kLanes, wholeColumns = columns / kLanes * kLanes;
  for (size_t r = 0; r < wholeRows; r += kLanes) {
    for (size_t c = 0; c < wholeColumns; c += kLanes) {
      F32 square[kLanes];
      for (size_t i = 0; i < kLanes; ++i) square[i] = load(rowAt(r + i) + c);
      transpose(square);
      for (size_t i = 0; i < kLanes; ++i) store(tile + (c + i) * kTile + r, square[i]);
    }
  }
  for (size_t r = 0; r < rows; ++r) {
    const float* row = rowAt(r);
    for (size_t c = r < wholeRows ? wholeColumns : 0; c < columns; ++c)
      tile[c * kTile + r] = row[c];
  }
}

}  // namespace ane::ANE_ISA

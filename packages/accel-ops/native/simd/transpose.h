// Transposes small tiles of fp32 matrices into a buffer that stays in the first-level cache.
#pragma once

#include "simd/simd.h"

namespace ane::ANE_ISA {

// Rows and columns of a tile: a transposed row of fp32 fills two cache lines, of fp16 one.
constexpr size_t kTile = 32;

#if defined(ANE_ISA_AVX2) || defined(ANE_ISA_AVX512)

constexpr size_t kSquare = 8;

// out[c * kTile + r] = rows[r][c], 8 x 8.
ANE_INLINE void transposeSquare(const float* const* rows, float* out) {
  __m256 a[8], b[8];
  for (int r = 0; r < 8; ++r) a[r] = _mm256_loadu_ps(rows[r]);
  for (int r = 0; r < 8; r += 2) {
    b[r] = _mm256_unpacklo_ps(a[r], a[r + 1]);
    b[r + 1] = _mm256_unpackhi_ps(a[r], a[r + 1]);
  }
  for (int r = 0; r < 8; r += 4) {
    a[r] = _mm256_shuffle_ps(b[r], b[r + 2], 0x44);
    a[r + 1] = _mm256_shuffle_ps(b[r], b[r + 2], 0xee);
    a[r + 2] = _mm256_shuffle_ps(b[r + 1], b[r + 3], 0x44);
    a[r + 3] = _mm256_shuffle_ps(b[r + 1], b[r + 3], 0xee);
  }
  for (int c = 0; c < 4; ++c) {
    _mm256_storeu_ps(out + c * kTile, _mm256_permute2f128_ps(a[c], a[c + 4], 0x20));
    _mm256_storeu_ps(out + (c + 4) * kTile, _mm256_permute2f128_ps(a[c], a[c + 4], 0x31));
  }
}

#elif defined(ANE_ISA_NEON)

constexpr size_t kSquare = 4;

// out[c * kTile + r] = rows[r][c], 4 x 4.
ANE_INLINE void transposeSquare(const float* const* rows, float* out) {
  const float32x4x2_t a = vtrnq_f32(vld1q_f32(rows[0]), vld1q_f32(rows[1]));
  const float32x4x2_t b = vtrnq_f32(vld1q_f32(rows[2]), vld1q_f32(rows[3]));
  for (int c = 0; c < 2; ++c) {
    vst1q_f32(out + c * kTile, vcombine_f32(vget_low_f32(a.val[c]), vget_low_f32(b.val[c])));
    vst1q_f32(out + (c + 2) * kTile, vcombine_f32(vget_high_f32(a.val[c]), vget_high_f32(b.val[c])));
  }
}

#else

constexpr size_t kSquare = 4;

// out[c * kTile + r] = rows[r][c], 4 x 4.
ANE_INLINE void transposeSquare(const float* const* rows, float* out) {
  for (size_t r = 0; r < kSquare; ++r) {
    for (size_t c = 0; c < kSquare; ++c) out[c * kTile + r] = rows[r][c];
  }
}

#endif

// tile[c * kTile + r] = rowAt(r)[c] for r < rows and c < columns, both at most kTile.
template <class RowAt>
ANE_INLINE void transposeTile(size_t rows, size_t columns, float* tile, RowAt rowAt) {
  const size_t wholeRows = rows / kSquare * kSquare, wholeColumns = columns / kSquare * kSquare;
  for (size_t r = 0; r < wholeRows; r += kSquare) {
    const float* block[kSquare];
    for (size_t i = 0; i < kSquare; ++i) block[i] = rowAt(r + i);
    for (size_t c = 0; c < wholeColumns; c += kSquare) {
      transposeSquare(block, tile + c * kTile + r);
      for (size_t i = 0; i < kSquare; ++i) block[i] += kSquare;
    }
  }
  for (size_t r = 0; r < rows; ++r) {
    const float* row = rowAt(r);
    for (size_t c = r < wholeRows ? wholeColumns : 0; c < columns; ++c) tile[c * kTile + r] = row[c];
  }
}

}  // namespace ane::ANE_ISA

// The packed matrix product with bf16 factors on Arm: BFMMLA multiplies two rows by two columns
// over four depths and adds to the four fp32 sums of a 2 x 2 block. Compiled where the compiler may
// use it, called only where hasBf16() holds.
//
// Panels of both operands: the four depths of a row (or column) side by side, then those of the
// next one,
//   bits[(k / 4 * width + i) * 4 + k % 4];
// where no more than two depths are left they lie the same way, in half the room. Lines beyond the
// last one are zero.
#include "gemm/kernels.h"
#include "simd/lanes.h"

namespace ane::ANE_ISA {
namespace {

constexpr size_t kRows = 8, kColumns = 12;
// Depths of an element, and elements of an instruction.
constexpr size_t kTerms = 2, kPairs = 2, kDepths = kTerms * kPairs;
static_assert(kDepths == kLanes);

// — Packing —

// Four depths of line i of a panel, or two.
ANE_INLINE void storeDepths(float* step, size_t i, size_t depths, F32 values) {
  const auto bits = vreinterpret_u32_bf16(vcvt_bf16_f32(values.v));
  if (depths > kTerms) {
    vst1_u32(reinterpret_cast<uint32_t*>(step + kPairs * i), bits);
  } else {
    vst1_lane_u32(reinterpret_cast<uint32_t*>(step + i), bits, 0);
  }
}

// Depths of a line that are neighbours in memory, or gathered.
template <class T>
ANE_INLINE F32 depthsAlong(const T* from, ptrdiff_t depthStride, size_t depths) {
  if (depthStride == 1) return depths == kDepths ? load(from) : loadPart(from, depths);
  T gathered[kDepths] = {};
  for (size_t k = 0; k < depths; ++k) gathered[k] = from[static_cast<ptrdiff_t>(k) * depthStride];
  return load(gathered);
}

// Lines that are neighbours in memory: squares of four lines and four depths are transposed.
template <class T>
ANE_INLINE void packSquare(const T* from, ptrdiff_t depthStride, size_t lines, size_t depths,
                           float* step, size_t first) {
  F32 square[kLanes];
  for (size_t k = 0; k < kLanes; ++k, from += depthStride) {
    square[k] = k >= depths ? zero() : lines == kLanes ? load(from) : loadPart(from, lines);
  }
  transpose(square);
  for (size_t i = 0; i < kLanes; ++i) storeDepths(step, first + i, depths, square[i]);
}

template <size_t width, class T>
void packPanel(const T* source, const PackSource& strides, size_t lines, size_t depth,
               float* panel) {
  for (size_t k = 0; k < depth; k += kDepths, panel += kPairs * width) {
    const size_t depths = depth - k < kDepths ? depth - k : kDepths;
    const T* const from = source + static_cast<ptrdiff_t>(k) * strides.depthStride;
    for (size_t i = 0; i < width; i += kLanes) {
      const size_t present = i >= lines ? 0 : lines - i < kLanes ? lines - i : kLanes;
      const T* const line = from + static_cast<ptrdiff_t>(i) * strides.rowStride;
      if (strides.rowStride == 1 && strides.depthStride != 1) {
        packSquare(line, strides.depthStride, present, depths, panel, i);
        continue;
      }
      for (size_t j = 0; j < kLanes; ++j) {
        const T* const own = line + static_cast<ptrdiff_t>(j) * strides.rowStride;
        storeDepths(panel, i + j, depths,
                    j < present ? depthsAlong(own, strides.depthStride, depths) : zero());
      }
    }
  }
}

template <size_t width, class T>
void packTyped(const T* source, const PackSource& strides, size_t lines, size_t depth,
               float* packed, size_t panelDistance) {
  for (size_t i = 0; i < lines; i += width, packed += panelDistance) {
    packPanel<width>(source + static_cast<ptrdiff_t>(i) * strides.rowStride, strides, lines - i,
                     depth, packed);
  }
}

template <size_t width>
void pack(const PackSource& source, size_t lines, size_t depth, float* packed,
          size_t panelDistance) {
  if (source.data.type == Element::fp32) {
    packTyped<width>(source.data.floats(), source, lines, depth, packed, panelDistance);
  } else {
    packTyped<width>(source.data.halves(), source, lines, depth, packed, panelDistance);
  }
}

// — Multiplication —

// Two lines of a panel: four depths each, or two and two zeros.
ANE_INLINE bfloat16x8_t twoLines(const float* step, size_t pair) {
  return vreinterpretq_bf16_f32(vld1q_f32(step + 2 * kPairs * pair));
}
ANE_INLINE bfloat16x8_t twoShortLines(const float* step, size_t pair) {
  const float32x2_t lines = vld1_f32(step + 2 * pair), none = vdup_n_f32(0);
  return vreinterpretq_bf16_f32(vcombine_f32(vzip1_f32(lines, none), vzip2_f32(lines, none)));
}

using Sums = float32x4_t[kRows / 2][kColumns / 2];

template <class Lines>
ANE_INLINE void addProducts(Sums& sums, const float* a, const float* b, Lines lines) {
  bfloat16x8_t left[kRows / 2];
#pragma GCC unroll 4
  for (size_t i = 0; i < kRows / 2; ++i) left[i] = lines(a, i);
#pragma GCC unroll 6
  for (size_t j = 0; j < kColumns / 2; ++j) {
    const bfloat16x8_t right = lines(b, j);
#pragma GCC unroll 4
    for (size_t i = 0; i < kRows / 2; ++i) sums[i][j] = vbfmmlaq_f32(sums[i][j], left[i], right);
  }
}

// A row of the block: alpha * sums + addendScale * addend.
template <class T, class Addend>
void finishRow(const PanelProduct& p, const float* sums, T* target, const Addend* addend,
               size_t columns) {
  const F32 alpha = splat(p.alpha), addendScale = splat(p.addendScale);
  const bool adds = p.addendScale != 0;
  forEachVector(columns, [=](size_t j, auto lanes) {
    const F32 value = alpha * load(sums + j);
    lanes.store(target + j, adds ? fma(addendScale, lanes.load(addend + j), value) : value);
  });
}

template <class T>
void finishTarget(const PanelProduct& p, const float* sums, T* target, Elements addend,
                  size_t columns) {
  if (addend.type == Element::fp32) return finishRow(p, sums, target, addend.floats(), columns);
  finishRow(p, sums, target, addend.halves(), columns);
}

// The block of C at row i and column j, of `rows` rows and `columns` columns.
void multiplyBlock(const PanelProduct& p, size_t row, size_t column, size_t rows, size_t columns) {
  const float *a = p.a + row / kRows * p.aPanelDistance,
              *b = p.b + column / kColumns * p.bPanelDistance;
  Sums sums = {};
  size_t k = 0;
  for (; k + kTerms < p.depth; k += kDepths, a += kPairs * kRows, b += kPairs * kColumns) {
    addProducts(sums, a, b, twoLines);
  }
  if (k < p.depth) addProducts(sums, a, b, twoShortLines);

  alignas(64) float stored[kRows][kColumns];
  for (size_t i = 0; i < kRows / 2; ++i) {
    for (size_t j = 0; j < kColumns / 2; ++j) {
      vst1_f32(stored[2 * i] + 2 * j, vget_low_f32(sums[i][j]));
      vst1_f32(stored[2 * i + 1] + 2 * j, vget_high_f32(sums[i][j]));
    }
  }
  for (size_t i = 0; i < rows; ++i) {
    const auto to = static_cast<ptrdiff_t>((row + i) * p.targetStride + column);
    const auto from = static_cast<ptrdiff_t>((row + i) * p.addendStride + column);
    const Elements target = p.target + to;
    // An addend that is not read may be anywhere.
    const Elements addend = p.addendScale != 0 ? p.addend + from : p.target;
    if (target.type == Element::fp32) {
      finishTarget(p, stored[i], target.floats(), addend, columns);
    } else {
      finishTarget(p, stored[i], target.halves(), addend, columns);
    }
  }
}

// Bytes of B that are in use at a time: they should stay in the second-level cache.
constexpr size_t kColumnBytes = 256 * 1024;

void multiply(const PanelProduct& p) {
  const size_t panels = kColumnBytes / (kColumns * p.depth * sizeof(uint16_t));
  const size_t stripe = (panels > 0 ? panels : 1) * kColumns;
  for (size_t first = 0; first < p.columns; first += stripe) {
    const size_t end = p.columns - first < stripe ? p.columns : first + stripe;
    for (size_t i = 0; i < p.rows; i += kRows) {
      const size_t rows = p.rows - i < kRows ? p.rows - i : kRows;
      for (size_t j = first; j < end; j += kColumns) {
        multiplyBlock(p, i, j, rows, end - j < kColumns ? end - j : kColumns);
      }
    }
  }
}

}  // namespace

const GemmKernels gemmKernels = {.rows = kRows,
                                 .rowsAcross = kRows,
                                 .columns = kColumns,
                                 .terms = kTerms,
                                 .packRows = pack<kRows>,
                                 .packColumns = pack<kColumns>,
                                 .multiply = multiply};

}  // namespace ane::ANE_ISA

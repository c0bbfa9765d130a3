#include "gemm/kernels.h"

#include "simd/simd.h"

namespace ane::ANE_ISA {
namespace {

// The block of C in registers: as many accumulators as leave room for a row of B and an element of A.
#if defined(ANE_ISA_AVX512)
constexpr size_t kRows = 12, kVectors = 2;
#elif defined(ANE_ISA_NEON)
constexpr size_t kRows = 8, kVectors = 3;
#elif defined(ANE_ISA_AVX2)
constexpr size_t kRows = 6, kVectors = 2;
#else
constexpr size_t kRows = 4, kVectors = 2;
#endif
constexpr size_t kColumns = kVectors * kLanes;
// What storeInPanel relies on: only the last vector of a panel position reaches into the next position.
static_assert(kRows < kLanes || kRows % kLanes == 0);

// — Packing —

// Stores a vector at panel position k, lanes [lane, lane + kLanes) of `width`. Lanes beyond the panel's width fall on
// position k + 1, which is written later; the last positions are stored in part.
template <size_t width>
ANE_INLINE void storeInPanel(float* panel, size_t k, size_t lane, size_t depth, F32 value) {
  float* const to = panel + k * width + lane;
  if (lane + kLanes <= width || k * width + lane + kLanes <= depth * width) {
    store(to, value);
  } else {
    storePart(to, value, width - lane);
  }
}

// Depth contiguous: squares are transposed in registers. `whole` panels have all their rows. What is read are pieces
// of many rows, which the hardware does not prefetch well: the elements that far ahead are asked for, at the end of the
// rows those of the next panel.
template <size_t width, bool whole, class T>
ANE_INLINE void packAlongDepth(const T* source, ptrdiff_t rowStride, size_t rows, size_t depth, float* panel) {
  constexpr size_t kAhead = 512 / sizeof(T);
  for (size_t lane = 0; lane < width; lane += kLanes) {
    const T* const first = source + static_cast<ptrdiff_t>(lane) * rowStride;
    for (size_t k = 0; k < depth; k += kLanes) {
      const size_t steps = depth - k < kLanes ? depth - k : kLanes;
      const bool sameRows = k + kAhead < depth;
      const T* const ahead =
          sameRows ? first + k + kAhead : first + static_cast<ptrdiff_t>(width) * rowStride + (k + kAhead - depth);
      for (size_t i = 0; i < (width < kLanes ? width : kLanes); ++i) {
        __builtin_prefetch(ahead + static_cast<ptrdiff_t>(i) * rowStride);
      }
      F32 square[kLanes];
      for (size_t i = 0; i < kLanes; ++i) {
        const bool present = lane + i < width && (whole || lane + i < rows);
        const T* const from = first + static_cast<ptrdiff_t>(i) * rowStride + k;
        square[i] = !present ? zero() : steps == kLanes ? load(from) : loadPart(from, steps);
      }
      transpose(square);
      for (size_t i = 0; i < steps; ++i) storeInPanel<width>(panel, k + i, lane, depth, square[i]);
    }
  }
}

// Rows contiguous: vectors are copied, those at the end of a panel with what follows it in the row. The distance from
// one depth to the next may be anything, so the rows some steps ahead are asked for.
template <size_t width, class T>
ANE_INLINE void packAcross(const T* source, ptrdiff_t depthStride, size_t rows, size_t depth, float* packed,
                           size_t panelDistance) {
  constexpr ptrdiff_t kAhead = 16;
  for (size_t k = 0; k < depth; ++k) {
    const T* const from = source + static_cast<ptrdiff_t>(k) * depthStride;
    for (size_t row = 0; row < rows; row += 64 / sizeof(T)) __builtin_prefetch(from + kAhead * depthStride + row);
    float* panel = packed;
    for (size_t row = 0; row < rows; row += width, panel += panelDistance) {
      for (size_t lane = 0; lane < width; lane += kLanes) {
        const size_t first = row + lane;
        const F32 value = first + kLanes <= rows ? load(from + first)
                          : first < rows         ? loadPart(from + first, rows - first)
                                                 : zero();
        storeInPanel<width>(panel, k, lane, depth, value);
      }
    }
  }
}

template <size_t width, class T>
void packAnyStrides(const T* source, ptrdiff_t rowStride, ptrdiff_t depthStride, size_t rows, size_t depth,
                    float* panel) {
  for (size_t k = 0; k < depth; ++k) {
    T lanes[width] = {};
    for (size_t i = 0; i < rows; ++i) {
      lanes[i] = source[static_cast<ptrdiff_t>(i) * rowStride + static_cast<ptrdiff_t>(k) * depthStride];
    }
    constexpr size_t wholeLanes = width / kLanes * kLanes;
    for (size_t lane = 0; lane < wholeLanes; lane += kLanes) store(panel + k * width + lane, load(lanes + lane));
    if constexpr (wholeLanes < width) {
      constexpr size_t rest = width - wholeLanes;
      storePart(panel + k * width + wholeLanes, loadPart(lanes + wholeLanes, rest), rest);
    }
  }
}

template <size_t width, class T>
void packTyped(const T* source, const PackSource& strides, size_t rows, size_t depth, float* packed,
               size_t panelDistance) {
  if (strides.rowStride == 1 && strides.depthStride != 1) {
    return packAcross<width>(source, strides.depthStride, rows, depth, packed, panelDistance);
  }
  for (size_t row = 0; row < rows; row += width, packed += panelDistance) {
    const size_t present = rows - row < width ? rows - row : width;
    const T* const first = source + static_cast<ptrdiff_t>(row) * strides.rowStride;
    if (strides.depthStride == 1 && present == width) {
      packAlongDepth<width, true>(first, strides.rowStride, width, depth, packed);
    } else if (strides.depthStride == 1) {
      packAlongDepth<width, false>(first, strides.rowStride, present, depth, packed);
    } else {
      packAnyStrides<width>(first, strides.rowStride, strides.depthStride, present, depth, packed);
    }
  }
}

template <size_t width>
void pack(const PackSource& source, size_t rows, size_t depth, float* packed, size_t panelDistance) {
  if (source.data.type == Element::fp32) {
    packTyped<width>(source.data.floats(), source, rows, depth, packed, panelDistance);
  } else {
    packTyped<width>(source.data.halves(), source, rows, depth, packed, panelDistance);
  }
}

// — Multiplication —

// Lanes of a row of C: the last vector of a row may be incomplete.
ANE_INLINE F32 loadLanes(Elements c, size_t at, size_t lanes) {
  if (c.type == Element::fp32) return lanes == kLanes ? load(c.floats() + at) : loadPart(c.floats() + at, lanes);
  return lanes == kLanes ? load(c.halves() + at) : loadPart(c.halves() + at, lanes);
}

ANE_INLINE void storeLanes(Elements c, size_t at, F32 value, size_t lanes) {
  if (c.type == Element::fp32) {
    lanes == kLanes ? store(c.floats() + at, value) : storePart(c.floats() + at, value, lanes);
  } else {
    lanes == kLanes ? store(c.halves() + at, value) : storePart(c.halves() + at, value, lanes);
  }
}

// The block of C at row i and column j: `rows` rows, `vectors` vectors of columns, the last of them with `lastLanes`.
template <size_t rows, size_t vectors>
void multiplyBlock(const PanelProduct& p, size_t row, size_t column, const float* a, const float* b, size_t lastLanes) {
  F32 sums[rows][vectors];
#pragma GCC unroll 16
  for (size_t i = 0; i < rows; ++i) {
    const Elements to = p.target + static_cast<ptrdiff_t>((row + i) * p.targetStride + column);
    __builtin_prefetch(to.data, 1);
    if constexpr (vectors * kLanes > 16) __builtin_prefetch((to + (vectors * kLanes - 1)).data, 1);
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v) sums[i][v] = zero();
  }
  for (size_t k = 0; k < p.depth; ++k, a += kRows, b += kColumns) {
    F32 right[vectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v) right[v] = load(b + v * kLanes);
#pragma GCC unroll 16
    for (size_t i = 0; i < rows; ++i) {
      const F32 left = splat(a[i]);
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v) sums[i][v] = fma(left, right[v], sums[i][v]);
    }
  }
  const F32 alpha = splat(p.alpha), addendScale = splat(p.addendScale);
#pragma GCC unroll 16
  for (size_t i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v) {
      const size_t at = column + v * kLanes, lanes = v + 1 < vectors ? kLanes : lastLanes;
      F32 value = alpha * sums[i][v];
      if (p.addendScale != 0) {
        value = fma(addendScale, loadLanes(p.addend, (row + i) * p.addendStride + at, lanes), value);
      }
      storeLanes(p.target, (row + i) * p.targetStride + at, value, lanes);
    }
  }
}

// One function per size of block, so that edges of the matrix cost what they contain.
struct BlockTable {
  void (*at[kRows][kVectors])(const PanelProduct&, size_t, size_t, const float*, const float*, size_t);
};

template <size_t index = 0>
constexpr BlockTable withBlocksFrom(BlockTable table = {}) {
  if constexpr (index < kRows * kVectors) {
    table.at[index / kVectors][index % kVectors] = multiplyBlock<index / kVectors + 1, index % kVectors + 1>;
    return withBlocksFrom<index + 1>(table);
  }
  return table;
}

constexpr BlockTable kBlocks = withBlocksFrom();

// Bytes of B that are in use at a time: they should stay in the second-level cache.
constexpr size_t kColumnBytes = 256 * 1024;

// Some panels of B at a time; a panel of A meets each of them, so that rows of C are written one after the other.
void multiply(const PanelProduct& p) {
  const size_t panels = kColumnBytes / (kColumns * p.depth * sizeof(float)),
               stripe = (panels > 0 ? panels : 1) * kColumns;
  for (size_t first = 0; first < p.columns; first += stripe) {
    const size_t end = p.columns - first < stripe ? p.columns : first + stripe;
    for (size_t i = 0; i < p.rows; i += kRows) {
      const size_t rows = p.rows - i < kRows ? p.rows - i : kRows;
      const float* const a = p.a + i / kRows * p.aPanelDistance;
      for (size_t j = first; j < end; j += kColumns) {
        const size_t columns = end - j < kColumns ? end - j : kColumns;
        const size_t vectors = (columns + kLanes - 1) / kLanes, lastLanes = columns - (vectors - 1) * kLanes;
        const float* const b = p.b + j / kColumns * p.bPanelDistance;
        kBlocks.at[rows - 1][vectors - 1](p, i, j, a, b, lastLanes);
      }
    }
  }
}

}  // namespace

const GemmKernels gemmKernels = {kRows, kColumns, pack<kRows>, pack<kColumns>, multiply};

}  // namespace ane::ANE_ISA

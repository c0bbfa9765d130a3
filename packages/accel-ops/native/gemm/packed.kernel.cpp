#include "gemm/kernels.h"

#include "gemm/factors.h"

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

constexpr size_t stepsOf(size_t depth) { return (depth + kTerms - 1) / kTerms; }

// Stores a vector at step k of a panel, lanes [lane, lane + kLanes) of `width`. Lanes beyond the panel's width fall on
// step k + 1, which is written later; the last steps are stored in part.
template <size_t width>
ANE_INLINE void storeInPanel(float* panel, size_t k, size_t lane, size_t steps, F32 value) {
  float* const to = panel + k * width + lane;
  if (lane + kLanes <= width || k * width + lane + kLanes <= steps * width) {
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
  constexpr size_t kAhead = 512 / sizeof(T), kSquare = kLanes * kTerms;
  for (size_t lane = 0; lane < width; lane += kLanes) {
    const T* const first = source + static_cast<ptrdiff_t>(lane) * rowStride;
    for (size_t k = 0; k < depth; k += kSquare) {
      const size_t present = depth - k < kSquare ? depth - k : kSquare;
      const bool sameRows = k + kAhead < depth;
      const T* const ahead =
          sameRows ? first + k + kAhead : first + static_cast<ptrdiff_t>(width) * rowStride + (k + kAhead - depth);
      for (size_t i = 0; i < (width < kLanes ? width : kLanes); ++i) {
        __builtin_prefetch(ahead + static_cast<ptrdiff_t>(i) * rowStride);
      }
      F32 square[kLanes];
      for (size_t i = 0; i < kLanes; ++i) {
        const bool exists = lane + i < width && (whole || lane + i < rows);
        const T* const from = first + static_cast<ptrdiff_t>(i) * rowStride + k;
        square[i] = !exists ? zero() : present == kSquare ? factorsAlong(from) : factorsAlongPart(from, present);
      }
      transpose(square);
      const size_t step = k / kTerms, end = stepsOf(present);
      for (size_t i = 0; i < end; ++i) storeInPanel<width>(panel, step + i, lane, stepsOf(depth), square[i]);
    }
  }
}

// Rows contiguous: vectors are copied, those at the end of a panel with what follows it in the row. The distance from
// one depth to the next may be anything, so the rows some steps ahead are asked for.
template <size_t width, class T>
ANE_INLINE void packAcross(const T* source, ptrdiff_t depthStride, size_t rows, size_t depth, float* packed,
                           size_t panelDistance) {
  constexpr ptrdiff_t kAhead = 16;
  for (size_t k = 0; k < depth; k += kTerms) {
    const T* const from = source + static_cast<ptrdiff_t>(k) * depthStride;
    for (size_t term = 0; term < kTerms; ++term) {
      const T* const ahead = from + (kAhead + static_cast<ptrdiff_t>(term)) * depthStride;
      for (size_t row = 0; row < rows; row += 64 / sizeof(T)) __builtin_prefetch(ahead + row);
    }
    float* panel = packed;
    for (size_t row = 0; row < rows; row += width, panel += panelDistance) {
      for (size_t lane = 0; lane < width; lane += kLanes) {
        const size_t first = row + lane;
        const F32 value = first < rows ? factorsAcross(from + first, depthStride, rows - first, depth - k) : zero();
        storeInPanel<width>(panel, k / kTerms, lane, stepsOf(depth), value);
      }
    }
  }
}

template <size_t width, class T>
void packAnyStrides(const T* source, ptrdiff_t rowStride, ptrdiff_t depthStride, size_t rows, size_t depth,
                    float* panel) {
  for (size_t k = 0; k < depth; k += kTerms) {
    T gathered[kTerms][width] = {};
    for (size_t term = 0; term < kTerms && k + term < depth; ++term) {
      const T* const from = source + static_cast<ptrdiff_t>(k + term) * depthStride;
      for (size_t i = 0; i < rows; ++i) gathered[term][i] = from[static_cast<ptrdiff_t>(i) * rowStride];
    }
    for (size_t lane = 0; lane < width; lane += kLanes) {
      const F32 value = factorsAcross(gathered[0] + lane, width, width - lane, kTerms);
      storeInPanel<width>(panel, k / kTerms, lane, stepsOf(depth), value);
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

// alpha * sums + addendScale * addend. With whole vectors and known types this costs little beside the multiplication
// of short panels.
template <class T, bool adds, size_t rows, size_t vectors>
ANE_INLINE void finishWhole(const PanelProduct& p, const F32 (&sums)[rows][vectors], T* target, const T* addend) {
  const F32 alpha = splat(p.alpha), addendScale = splat(p.addendScale);
#pragma GCC unroll 16
  for (size_t i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v) {
      F32 value = alpha * sums[i][v];
      if constexpr (adds) value = fma(addendScale, load(addend + v * kLanes), value);
      store(target + v * kLanes, value);
    }
    target += p.targetStride;
    if constexpr (adds) addend += p.addendStride;
  }
}

// The same for any block, from sums in memory: [rows][vectors][kLanes].
__attribute__((noinline)) void finishAny(const PanelProduct& p, const float* sums, size_t rows, size_t vectors,
                                         Elements target, Elements addend, size_t lastLanes) {
  const F32 alpha = splat(p.alpha), addendScale = splat(p.addendScale);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t v = 0; v < vectors; ++v, sums += kLanes) {
      const size_t lanes = v + 1 < vectors ? kLanes : lastLanes;
      F32 value = alpha * load(sums);
      if (p.addendScale != 0) {
        value = fma(addendScale, loadLanes(addend, i * p.addendStride + v * kLanes, lanes), value);
      }
      storeLanes(target, i * p.targetStride + v * kLanes, value, lanes);
    }
  }
}

template <size_t rows, size_t vectors>
ANE_INLINE void finishBlock(const PanelProduct& p, const F32 (&sums)[rows][vectors], Elements target, Elements addend,
                            size_t lastLanes) {
  const bool adds = p.addendScale != 0;
  if (lastLanes < kLanes || (adds && target.type != addend.type)) {
    alignas(64) float stored[rows * vectors * kLanes];
#pragma GCC unroll 16
    for (size_t i = 0; i < rows; ++i) {
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v) store(stored + (i * vectors + v) * kLanes, sums[i][v]);
    }
    finishAny(p, stored, rows, vectors, target, addend, lastLanes);
  } else if (target.type == Element::fp32) {
    adds ? finishWhole<float, true>(p, sums, target.floats(), addend.floats())
         : finishWhole<float, false>(p, sums, target.floats(), nullptr);
  } else {
    adds ? finishWhole<uint16_t, true>(p, sums, target.halves(), addend.halves())
         : finishWhole<uint16_t, false>(p, sums, target.halves(), nullptr);
  }
}

// The block of C at row i and column j: `rows` rows, `vectors` vectors of columns, the last of them with `lastLanes`.
template <size_t rows, size_t vectors>
void multiplyBlock(const PanelProduct& p, size_t row, size_t column, const float* a, const float* b, size_t lastLanes) {
  const Elements target = p.target + static_cast<ptrdiff_t>(row * p.targetStride + column);
  const Elements addend = p.addend + static_cast<ptrdiff_t>(row * p.addendStride + column);
  // Lines of C that are added to are asked for without a place in the second-level cache, which the panels need.
  const bool adds = p.addendScale != 0;
  const size_t bytes = target.elementSize();
  const char* line = static_cast<const char*>(target.data);
  F32 sums[rows][vectors];
#pragma GCC unroll 16
  for (size_t i = 0; i < rows; ++i) {
    const char* const last = line + (vectors * kLanes - 1) * bytes;
    if (adds) {
      __builtin_prefetch(line, 0, 0);
      if constexpr (vectors * kLanes > 16) __builtin_prefetch(last, 0, 0);
    } else {
      __builtin_prefetch(line, 1);
      if constexpr (vectors * kLanes > 16) __builtin_prefetch(last, 1);
    }
    line += p.targetStride * bytes;
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v) sums[i][v] = zero();
  }
  const size_t steps = stepsOf(p.depth);
#pragma GCC unroll 4
  for (size_t k = 0; k < steps; ++k) {
    F32 right[vectors];
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; ++v) right[v] = load(b + v * kLanes);
#pragma GCC unroll 16
    for (size_t i = 0; i < rows; ++i) {
      const F32 left = splat(a[i]);
#pragma GCC unroll 4
      for (size_t v = 0; v < vectors; ++v) sums[i][v] = multiplyAdd(left, right[v], sums[i][v]);
    }
    a += kRows;
    b += kColumns;
  }
  finishBlock(p, sums, target, addend, lastLanes);
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
  const size_t panels = kColumnBytes / (kColumns * stepsOf(p.depth) * sizeof(float)),
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

const GemmKernels gemmKernels = {kRows, kColumns, kTerms, pack<kRows>, pack<kColumns>, multiply};

}  // namespace ane::ANE_ISA

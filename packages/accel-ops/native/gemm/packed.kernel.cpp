#include "gemm/kernels.h"
#include "gemm/pack.h"

namespace ane::ANE_ISA {
namespace {

// The block of C in registers: as many accumulators as leave room for a row of B and an element of
// A. Rows of A that are neighbours in memory are packed for several blocks at once, so that they
// are copied as whole vectors.
#if defined(ANE_ISA_AVX512)
constexpr size_t kRows = 12, kVectors = 2, kRowsAcross = 48;
#elif defined(ANE_ISA_NEON)
constexpr size_t kRows = 8, kVectors = 3, kRowsAcross = 8;
#elif defined(ANE_ISA_AVX2)
constexpr size_t kRows = 6, kVectors = 2, kRowsAcross = 24;
#else
constexpr size_t kRows = 4, kVectors = 2, kRowsAcross = 4;
#endif
constexpr size_t kColumns = kVectors * kLanes;
static_assert(kRowsAcross % kRows == 0 && kRowsAcross % kLanes == 0);

void packRows(const PackSource& source, size_t rows, size_t depth, float* packed,
              size_t panelDistance) {
  if (source.across()) {
    pack<kRowsAcross>(source, rows, depth, packed, panelDistance);
  } else {
    pack<kRows>(source, rows, depth, packed, panelDistance);
  }
}

// Lanes of a row of C: the last vector of a row may be incomplete.
ANE_INLINE F32 loadLanes(Elements c, size_t at, size_t lanes) {
  if (c.type == Element::fp32)
    return lanes == kLanes ? load(c.floats() + at) : loadPart(c.floats() + at, lanes);
  return lanes == kLanes ? load(c.halves() + at) : loadPart(c.halves() + at, lanes);
}

ANE_INLINE void storeLanes(Elements c, size_t at, F32 value, size_t lanes) {
  if (c.type == Element::fp32) {
    lanes == kLanes ? store(c.floats() + at, value) : storePart(c.floats() + at, value, lanes);
  } else {
    lanes == kLanes ? store(c.halves() + at, value) : storePart(c.halves() + at, value, lanes);
  }
}

// alpha * sums + addendScale * addend. With whole vectors and known types this costs little beside
// the multiplication of short panels.
template <class T, bool adds, size_t rows, size_t vectors>
ANE_INLINE void finishWhole(const PanelProduct& p, const F32 (&sums)[rows][vectors], T* target,
                            const T* addend) {
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
__attribute__((noinline)) void finishAny(const PanelProduct& p, const float* sums, size_t rows,
                                         size_t vectors, Elements target, Elements addend,
                                         size_t lastLanes) {
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
ANE_INLINE void finishBlock(const PanelProduct& p, const F32 (&sums)[rows][vectors],
                            Elements target, Elements addend, size_t lastLanes) {
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

// The block of C at row i and column j: `rows` rows, `vectors` vectors of columns, the last of them
// with `lastLanes`.
template <size_t panelRows, size_t rows, size_t vectors>
void multiplyBlock(const PanelProduct& p, size_t row, size_t column, const float* a, const float* b,
                   size_t lastLanes) {
  const Elements target = p.target + static_cast<ptrdiff_t>(row * p.targetStride + column);
  const Elements addend = p.addend + static_cast<ptrdiff_t>(row * p.addendStride + column);
  // Lines of C that are added to are asked for without a place in the second-level cache, which the
  // panels need.
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
    a += panelRows;
    b += kColumns;
  }
  finishBlock(p, sums, target, addend, lastLanes);
}

// One function per size of block, so that edges of the matrix cost what they contain.
struct BlockTable {
  void (*at[kRows][kVectors])(const PanelProduct&, size_t, size_t, const float*, const float*,
                              size_t);
};

template <size_t panelRows, size_t index = 0>
constexpr BlockTable withBlocksFrom(BlockTable table = {}) {
  if constexpr (index < kRows * kVectors) {
    constexpr size_t row = index / kVectors, vector = index % kVectors;
    table.at[row][vector] = multiplyBlock<panelRows, row + 1, vector + 1>;
    return withBlocksFrom<panelRows, index + 1>(table);
  }
  return table;
}

constexpr BlockTable kBlocks = withBlocksFrom<kRows>();
constexpr BlockTable kBlocksAcross = withBlocksFrom<kRowsAcross>();

// Bytes of B that are in use at a time: they should stay in the second-level cache.
constexpr size_t kColumnBytes = 256 * 1024;

// Some panels of B at a time; a panel of A meets each of them, so that rows of C are written one
// after the other.
void multiply(const PanelProduct& p) {
  const size_t panels = kColumnBytes / (kColumns * stepsOf(p.depth) * sizeof(float)),
               stripe = (panels > 0 ? panels : 1) * kColumns;
  const BlockTable& blocks = p.aPanelRows == kRows ? kBlocks : kBlocksAcross;
  for (size_t first = 0; first < p.columns; first += stripe) {
    const size_t end = p.columns - first < stripe ? p.columns : first + stripe;
    for (size_t i = 0; i < p.rows; i += kRows) {
      const size_t rows = p.rows - i < kRows ? p.rows - i : kRows;
      const float* const a = p.a + i / p.aPanelRows * p.aPanelDistance + i % p.aPanelRows;
      for (size_t j = first; j < end; j += kColumns) {
        const size_t columns = end - j < kColumns ? end - j : kColumns;
        const size_t vectors = (columns + kLanes - 1) / kLanes;
        const float* const b = p.b + j / kColumns * p.bPanelDistance;
        blocks.at[rows - 1][vectors - 1](p, i, j, a, b, columns - (vectors - 1) * kLanes);
      }
    }
  }
}

}  // namespace

const GemmKernels gemmKernels = {.rows = kRows,
                                 .rowsAcross = kRowsAcross,
                                 .columns = kColumns,
                                 .terms = kTerms,
                                 .packRows = packRows,
                                 .packColumns = pack<kColumns>,
                                 .multiply = multiply};

}  // namespace ane::ANE_ISA

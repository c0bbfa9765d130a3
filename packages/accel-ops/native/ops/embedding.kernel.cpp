#include "ops/embedding.h"

#include "simd/lanes.h"
#include "simd/transpose.h"

namespace ane::ANE_ISA {
namespace {

void gather(const EmbeddingGather& a, size_t begin, size_t end) {
  alignas(64) float tile[kTile * kTile];
  for (size_t r = begin; r < end; r += kTile) {
    const size_t rows = end - r < kTile ? end - r : kTile;
    for (size_t d = 0; d < a.dim; d += kTile) {
      const size_t channels = a.dim - d < kTile ? a.dim - d : kTile;
      transposeTile(rows, channels, tile,
                    [&](size_t i) { return a.table + a.tokens[r + i] * a.dim + d; });
      for (size_t j = 0; j < channels; ++j) {
        const float* from = tile + j * kTile;
        float* to = a.out + (d + j) * a.rows + r;
        forEachVector(rows,
                      [=](size_t i, auto lanes) { lanes.store(to + i, lanes.load(from + i)); });
      }
    }
  }
}

void scatterAdd(const EmbeddingScatterAdd& a, size_t begin, size_t end) {
  alignas(64) float tile[kTile * kTile];
  for (size_t d = begin; d < end; d += kTile) {
    const size_t channels = end - d < kTile ? end - d : kTile;
    for (size_t r = 0; r < a.rows; r += kTile) {
      const size_t rows = a.rows - r < kTile ? a.rows - r : kTile;
      transposeTile(channels, rows, tile, [&](size_t i) { return a.dx + (d + i) * a.rows + r; });
      for (size_t j = 0; j < rows; ++j) {
        const float* from = tile + j * kTile;
        float* to = a.dTable + a.tokens[r + j] * a.dim + d;
        forEachVector(channels, [=](size_t i, auto lanes) {
          lanes.store(to + i, lanes.load(to + i) + lanes.load(from + i));
        });
      }
    }
  }
}

}  // namespace

const EmbeddingKernels embeddingKernels = {gather, scatterAdd};

}  // namespace ane::ANE_ISA

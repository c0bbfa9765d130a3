#include "gemm/thin_gemm.h"

#include <algorithm>

#include "gemm/kernels.h"

namespace ane {
namespace {

// Beyond so many columns packing the large operand costs little compared with multiplying it; where
// its rows are not contiguous along the depth, that is sooner.
constexpr size_t kMaxColumns = 24, kMaxColumnsAcross = 6;
// Bytes of the large operand in a chunk, and how many rows at least where rows are neighbours in
// memory.
constexpr size_t kChunkBytes = 128 * 1024, kNeighbouringRows = 128;

}  // namespace

bool ThinGemm::fits(const GemmProblem& p) {
  if (p.n > p.m) return false;
  return (p.a.columnStride == 1 && p.n <= kMaxColumns) ||
         (p.a.rowStride == 1 && p.n <= kMaxColumnsAcross);
}

ThinGemm::ThinGemm(const GemmProblem& problem)
    : problem_(problem), vectors_(problem.count * problem.n * problem.k * sizeof(float)) {
  const size_t rowBytes = problem_.k * problem_.a.data.elementSize();
  const size_t multiple = problem_.a.columnStride == 1 ? 4 : kNeighbouringRows;
  blockRows_ = std::max<size_t>(kChunkBytes / rowBytes / multiple, 1) * multiple;
}

size_t ThinGemm::chunks(size_t phase) const {
  return problem_.count * (phase == 0 ? 1 : (problem_.m + blockRows_ - 1) / blockRows_);
}

void ThinGemm::run(size_t phase, size_t chunk) {
  const GemmProblem& p = problem_;
  if (phase == 0) {
    const auto batch = static_cast<ptrdiff_t>(chunk);
    for (size_t j = 0; j < p.n; ++j) {
      const Elements column =
          p.b.data + (batch * p.b.batchStride + static_cast<ptrdiff_t>(j) * p.b.columnStride);
      thinKernels().gather(column, p.b.rowStride, p.k, vectors_.floats() + (chunk * p.n + j) * p.k);
    }
    return;
  }
  const size_t blocks = chunks(1) / p.count, entry = chunk / blocks,
               row = chunk % blocks * blockRows_;
  const auto batch = static_cast<ptrdiff_t>(entry), first = static_cast<ptrdiff_t>(row);
  thinKernels().multiply({std::min(blockRows_, p.m - row), p.n, p.k,
                          p.a.data + (batch * p.a.batchStride + first * p.a.rowStride),
                          p.a.rowStride, p.a.columnStride, vectors_.floats() + entry * p.n * p.k,
                          p.c.data + (batch * p.c.batchStride + first * p.c.rowStride),
                          p.c.rowStride, p.c.columnStride, p.alpha, p.beta});
}

}  // namespace ane

#include "ops/copy_strided.h"

#include <algorithm>

#include "core/loop_nest.h"
#include "core/thread_pool.h"

namespace ane {
namespace {

constexpr size_t kChunkElements = 32768;
// Side of the blocks in which two dims are exchanged: whole cache lines of both arrays, few enough
// to stay in the cache.
constexpr size_t kSide = 64;

size_t ceilDiv(size_t a, size_t b) { return (a + b - 1) / b; }

// Neither array, or both, run along the innermost loop.
void copyRows(const CopyStrided& args, const LoopNest& nest) {
  const size_t inner = nest.dims.back(), pieces = ceilDiv(inner, kChunkElements);
  const ptrdiff_t srcStride = nest.strides[0].back(), dstStride = nest.strides[1].back();
  const size_t grain = std::max<size_t>(kChunkElements / inner, 1);
  parallelRange(nest.outerSteps(1) * pieces, grain, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const size_t first = i % pieces * kChunkElements,
                   count = std::min(kChunkElements, inner - first);
      ptrdiff_t at[2];
      nest.offsets(i / pieces, 1, at);
      const auto step = static_cast<ptrdiff_t>(first);
      copyKernels().row(args.src + (at[0] + step * srcStride), srcStride,
                        args.dst + (at[1] + step * dstStride), dstStride, count);
    }
  });
}

// The last two loops: src is contiguous along the first of them, dst along the second.
void exchange(const CopyStrided& args, const LoopNest& nest) {
  const size_t rows = nest.dims.end()[-2], columns = nest.dims.back();
  const ptrdiff_t srcStride = nest.strides[0].back(), dstStride = nest.strides[1].end()[-2];
  const size_t high = ceilDiv(rows, kSide), wide = ceilDiv(columns, kSide);
  const size_t grain =
      std::max<size_t>(kChunkElements / (std::min(rows, kSide) * std::min(columns, kSide)), 1);
  parallelRange(nest.outerSteps(2) * high * wide, grain, [&](size_t begin, size_t end) {
    for (size_t block = begin; block < end; ++block) {
      const size_t i = block / wide % high * kSide, j = block % wide * kSide;
      ptrdiff_t at[2];
      nest.offsets(block / wide / high, 2, at);
      const auto row = static_cast<ptrdiff_t>(i), column = static_cast<ptrdiff_t>(j);
      copyKernels().transposed(args.src + (at[0] + row + column * srcStride), srcStride,
                               args.dst + (at[1] + row * dstStride + column), dstStride,
                               std::min(kSide, rows - i), std::min(kSide, columns - j));
    }
  });
}

}  // namespace

void copyStrided(const CopyStrided& args) {
  LoopNest nest;
  nest.dims.assign(args.shape, args.shape + args.rank);
  nest.strides.emplace_back(args.srcStrides, args.srcStrides + args.rank);
  nest.strides.emplace_back(args.dstStrides, args.dstStrides + args.rank);
  nest.simplify(1);
  const auto& src = nest.strides[0];
  const auto contiguous = std::find(src.begin(), src.end(), 1);
  if (nest.strides[1].back() != 1 || src.back() == 1 || contiguous == src.end())
    return copyRows(args, nest);
  nest.moveToSecondLast(static_cast<size_t>(contiguous - src.begin()));
  exchange(args, nest);
}

}  // namespace ane

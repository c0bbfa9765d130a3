#include "ops/rms_norm.h"

#include <algorithm>
#include <vector>

#include "core/thread_pool.h"
#include "ops/vector.h"

namespace ane {
namespace {

// Rows or channels of one piece of work, and of one partial sum: a fixed number, so that sums have
// a fixed order, and a small one, so that their rounding errors do not grow with the shape.
constexpr size_t kBlock = 32;
constexpr size_t kRows = 1024;  // per piece of the work on statistics

size_t blocksOf(size_t count) { return (count + kBlock - 1) / kBlock; }

// total [count] += parts [blocks, count], block after block.
void addBlocks(const std::vector<float>& parts, size_t begin, size_t end, size_t count,
               float* total) {
  for (size_t offset = 0; offset < parts.size(); offset += count) {
    vectorKernels().add(total + begin, parts.data() + offset + begin, total + begin, end - begin);
  }
}

void forwardChannelFirst(const RmsNormForward& a) {
  std::vector<float> parts(blocksOf(a.dim) * a.rows), statistics(a.rows);
  parallelRange(a.dim, kBlock, [&](size_t begin, size_t end) {
    rmsNormKernels().squares(a, begin, end, parts.data() + begin / kBlock * a.rows);
  });
  float* const inverseRms = statistics.data();
  parallelRange(a.rows, kRows, [&](size_t begin, size_t end) {
    addBlocks(parts, begin, end, a.rows, inverseRms);
    rmsNormKernels().finish({inverseRms, nullptr}, begin, end, a.dim, a.eps);
  });
  if (a.inverseRms) std::copy(statistics.begin(), statistics.end(), a.inverseRms);
  parallelRange(a.dim, kBlock, [&](size_t begin, size_t end) {
    rmsNormKernels().forwardChannels(a, inverseRms, begin, end);
  });
}

void backwardChannelFirst(const RmsNormBackward& a, float* dWeight) {
  const size_t size = blocksOf(a.dim) * a.rows;
  std::vector<float> squareParts(size), productParts(size), squares(a.rows), products(a.rows);
  const RmsNormStatistics statistics = {squares.data(), products.data()};
  parallelRange(a.dim, kBlock, [&](size_t begin, size_t end) {
    const size_t part = begin / kBlock * a.rows;
    rmsNormKernels().sums(a, begin, end, {squareParts.data() + part, productParts.data() + part});
  });
  parallelRange(a.rows, kRows, [&](size_t begin, size_t end) {
    addBlocks(squareParts, begin, end, a.rows, statistics.squares);
    addBlocks(productParts, begin, end, a.rows, statistics.products);
    rmsNormKernels().finish(statistics, begin, end, a.dim, a.eps);
  });
  parallelRange(a.dim, kBlock, [&](size_t begin, size_t end) {
    rmsNormKernels().backwardChannels(a, statistics, begin, end, dWeight);
  });
}

void backwardTokenMajor(const RmsNormBackward& a, float* dWeight) {
  std::vector<float> parts(blocksOf(a.rows) * a.dim);
  parallelRange(a.rows, kBlock, [&](size_t begin, size_t end) {
    rmsNormKernels().backwardRows(a, begin, end, parts.data() + begin / kBlock * a.dim);
  });
  parallelRange(a.dim, kRows,
                [&](size_t begin, size_t end) { addBlocks(parts, begin, end, a.dim, dWeight); });
}

}  // namespace

void rmsNormForward(const RmsNormForward& args, Layout layout) {
  if (layout == Layout::channelFirst) return forwardChannelFirst(args);
  parallelRange(args.rows, kBlock,
                [&](size_t begin, size_t end) { rmsNormKernels().forwardRows(args, begin, end); });
}

void rmsNormBackward(const RmsNormBackward& args, Layout layout, float* dWeight) {
  layout == Layout::channelFirst ? backwardChannelFirst(args, dWeight)
                                 : backwardTokenMajor(args, dWeight);
}

}  // namespace ane

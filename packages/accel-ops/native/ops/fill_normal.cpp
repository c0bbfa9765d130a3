#include "ops/fill_normal.h"

#include <algorithm>

#include "core/thread_pool.h"

namespace ane {

void fillNormal(const NormalStream& source, uint64_t offset, float* out, size_t count) {
  constexpr size_t kBatch = 4 * kNormalBlocks;
  constexpr size_t kGrain = 32 * kBatch;
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    // The first element wanted may lie inside a block of four: that batch is shortened, so that the
    // next ones fit.
    for (size_t i = begin; i < end;) {
      const size_t skip = (offset + i) % 4, length = std::min(kBatch - skip, end - i);
      const uint64_t block = (offset + i) / 4;
      if (length == kBatch) {
        fillNormalKernels().blocks(source, block, out + i);
      } else {
        float batch[kBatch];
        fillNormalKernels().blocks(source, block, batch);
        std::copy(batch + skip, batch + skip + length, out + i);
      }
      i += length;
    }
  });
}

}  // namespace ane

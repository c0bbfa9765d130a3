#include "ops/embedding.h"

#include <string.h>

#include "core/thread_pool.h"
#include "ops/vector.h"

namespace ane {
namespace {

constexpr size_t kRows = 32;  // per chunk of a gather
constexpr size_t kChannels =
    64;  // per chunk of a scatter: threads never share a cache line of the table's rows

}  // namespace

void embeddingGather(const EmbeddingGather& a, Layout layout) {
  parallelRange(a.rows, kRows, [&](size_t begin, size_t end) {
    if (layout == Layout::channelFirst) return embeddingKernels().gather(a, begin, end);
    for (size_t row = begin; row < end; ++row) {
      memcpy(a.out + row * a.dim, a.table + a.tokens[row] * a.dim, a.dim * sizeof(float));
    }
  });
}

void embeddingScatterAdd(const EmbeddingScatterAdd& a, Layout layout) {
  parallelRange(a.dim, kChannels, [&](size_t begin, size_t end) {
    if (!a.accumulate) {
      for (size_t row = 0; row < a.rows; ++row) {
        memset(a.dTable + a.tokens[row] * a.dim + begin, 0, (end - begin) * sizeof(float));
      }
    }
    if (layout == Layout::channelFirst) return embeddingKernels().scatterAdd(a, begin, end);
    for (size_t row = 0; row < a.rows; ++row) {
      float* entry = a.dTable + a.tokens[row] * a.dim + begin;
      vectorKernels().add(entry, a.dx + row * a.dim + begin, entry, end - begin);
    }
  });
}

}  // namespace ane

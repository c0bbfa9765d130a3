#include "ops/softmax.h"

#include <vector>

#include "core/thread_pool.h"

namespace ane {
namespace {

// Elements per chunk of parallel work, about; exp costs some nanoseconds a vector.
constexpr size_t kGrain = 8192;
// Columns of a chunk where the axis is not the last one: whole cache lines of either element type.
constexpr size_t kColumns = 64;

size_t atLeastOne(size_t n) { return n > 0 ? n : 1; }

}  // namespace

void softmax(const Softmax& a) {
  if (a.outer == 0 || a.axis == 0 || a.inner == 0) return;
  if (a.inner == 1) {
    parallelRange(a.outer, atLeastOne(kGrain / a.axis), [&](size_t begin, size_t end) {
      std::vector<float> exponentials(a.axis);
      for (size_t i = begin; i < end; ++i) {
        const auto at = static_cast<ptrdiff_t>(i * a.axis);
        softmaxKernels().row(a.x + at, a.out + at, a.axis, exponentials.data());
      }
    });
    return;
  }
  const size_t blocks = (a.inner + kColumns - 1) / kColumns;
  parallelFor(a.outer * blocks, [&](size_t chunk) {
    const size_t column = chunk % blocks * kColumns;
    const size_t columns = a.inner - column < kColumns ? a.inner - column : kColumns;
    const auto at = static_cast<ptrdiff_t>(chunk / blocks * a.axis * a.inner + column);
    softmaxKernels().columns(a.x + at, a.out + at, a.axis, a.inner, columns);
  });
}

}  // namespace ane

#include "ops/reduce.h"

#include "core/thread_pool.h"

namespace ane {
namespace {

// Elements per chunk of parallel work, about.
constexpr size_t kGrain = 32768;
// Columns of a chunk where the axis is not the last one: whole cache lines of either element type.
constexpr size_t kColumns = 64;

size_t atLeastOne(size_t n) { return n > 0 ? n : 1; }

}  // namespace

void reduce(const Reduce& a) {
  if (a.outer == 0 || a.inner == 0) return;
  if (a.inner == 1) {
    parallelRange(a.outer, atLeastOne(kGrain / atLeastOne(a.axis)), [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        const auto row = static_cast<ptrdiff_t>(i);
        const auto length = static_cast<ptrdiff_t>(a.axis);
        reduceKernels().row(a.operation, a.x + row * length, a.out + row, a.axis);
      }
    });
    return;
  }
  const size_t blocks = (a.inner + kColumns - 1) / kColumns;
  parallelFor(a.outer * blocks, [&](size_t chunk) {
    const size_t outer = chunk / blocks, column = chunk % blocks * kColumns;
    const size_t columns = a.inner - column < kColumns ? a.inner - column : kColumns;
    reduceKernels().columns(a.operation, a.x + static_cast<ptrdiff_t>(outer * a.axis * a.inner + column),
                            a.out + static_cast<ptrdiff_t>(outer * a.inner + column), a.axis, a.inner, columns);
  });
}

}  // namespace ane

#include "ops/transpose.h"

#include <algorithm>

#include "core/thread_pool.h"

namespace ane {

// Squares of 256 x 256: few enough pages on both sides for the address cache, large enough to be
// worth a thread.
void transpose(const Transpose& args) {
  constexpr size_t kSide = 256;
  const size_t down = (args.rows + kSide - 1) / kSide, across = (args.columns + kSide - 1) / kSide;
  parallelFor(down * across, [&](size_t chunk) {
    const size_t row = chunk / across * kSide, column = chunk % across * kSide;
    transposeKernels().part(args, row, std::min(row + kSide, args.rows), column,
                            std::min(column + kSide, args.columns));
  });
}

}  // namespace ane

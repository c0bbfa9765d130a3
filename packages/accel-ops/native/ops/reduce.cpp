#include "ops/reduce.h"

#include "ops/row_blocks.h"

namespace ane {

void reduce(const Reduce& args) {
  forEachRowBlock(args.outer, args.axis, args.inner,
                  [&](size_t begin, size_t end, size_t column, size_t columnEnd) {
                    reduceKernels().part(args, begin, end, column, columnEnd);
                  });
}

}  // namespace ane

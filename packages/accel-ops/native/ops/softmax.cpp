#include "ops/softmax.h"

#include "core/workspace.h"
#include "ops/row_blocks.h"

namespace ane {

void softmax(const Softmax& args) {
  forEachRowBlock(args.outer, args.axis, args.inner,
                  [&](size_t begin, size_t end, size_t column, size_t columnEnd) {
                    thread_local Workspace room;
                    room.reserve(kRoomPerElement * (args.axis + 1) * sizeof(float));
                    softmaxKernels().part(args, begin, end, column, columnEnd, room.floats());
                  });
}

}  // namespace ane

// Where the operands of a program lie: buffers have numbers, and inside a loop an operand moves
// from entry to entry.
#pragma once

#include <stddef.h>

#include "core/element.h"

namespace ane {

constexpr size_t kMaxLoops = 3;

// What a step sees while it runs: the memory of every buffer and, inside a loop, the indices of the
// current entry.
struct Frame {
  const Elements* buffers;
  size_t entry[kMaxLoops];
  // First column of each row that is zero or not needed, as a guard has found; null where all
  // columns count.
  const int* limits;
};

// The first element of an operand; `loopStrides` in elements, zero outside of loops.
struct Place {
  size_t buffer = 0;
  ptrdiff_t offset = 0;
  ptrdiff_t loopStrides[kMaxLoops] = {};

  Elements in(const Frame& frame) const {
    ptrdiff_t at = offset;
    for (size_t loop = 0; loop < kMaxLoops; ++loop) {
      at += static_cast<ptrdiff_t>(frame.entry[loop]) * loopStrides[loop];
    }
    return frame.buffers[buffer] + at;
  }
};

}  // namespace ane

// What must hold in an entry of a loop for its stairs to leave out nothing but what cannot change a
// result: factors of zero must meet finite numbers, masked scores must be far below the others.
#pragma once

#include "core/dispatch.h"
#include "program/place.h"

namespace ane {

// Element (i, k) of a matrix is at i * rowStride + k * columnStride.
struct GuardedMatrix {
  Place place;
  size_t rows, columns;
  ptrdiff_t rowStride, columnStride;
};

struct Guard {
  enum Kind {
    finite,   // all elements of a
    bounded,  // the largest norm of a row of a times that of b, below `bound`
  } kind;
  GuardedMatrix a, b;
  float bound;

  bool holds(const Frame& frame) const;
};

struct GuardKernels {
  // The largest sum of squares of a row; NaN or infinity if there is an element that is.
  float (*largestSquare)(Elements data, size_t rows, size_t columns, ptrdiff_t rowStride,
                         ptrdiff_t columnStride);
};
ANE_KERNEL_TABLE(GuardKernels, guardKernels)

}  // namespace ane

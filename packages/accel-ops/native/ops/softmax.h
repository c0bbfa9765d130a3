// Softmax along the middle of x [outer, axis, inner]: e^(x - max) / sum; fp32 inside, rounded once
// at the end. May work in place. A row with NaN or +infinity, or of -infinity only, becomes NaN, as
// that formula gives.
#pragma once

#include <stddef.h>

#include "core/dispatch.h"
#include "core/element.h"

namespace ane {

struct Softmax {
  size_t outer, axis, inner;
  Elements x, out;
};

// Lanes of the widest vectors.
constexpr size_t kRoomPerElement = 16;

struct SoftmaxKernels {
  // Rows [begin, end) of `outer`, columns [column, columnEnd) of `inner`; `room` holds
  // kRoomPerElement * axis floats and kRoomPerElement more.
  void (*part)(const Softmax& args, size_t begin, size_t end, size_t column, size_t columnEnd,
               float* room);
};
ANE_KERNEL_TABLE(SoftmaxKernels, softmaxKernels)

void softmax(const Softmax& args);

}  // namespace ane

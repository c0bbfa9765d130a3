// Softmax along one axis of a tensor [outer, axis, inner]: exp(x - max) / sum, fp32 inside, rounded once at the store.
#pragma once

#include <stddef.h>

#include "core/dispatch.h"
#include "core/element.h"

namespace ane {

struct Softmax {
  size_t outer, axis, inner;
  Elements x, out;  // out may be x
};

struct SoftmaxKernels {
  // inner == 1: one contiguous row of `count` elements; `exponentials` has room for `count` numbers.
  void (*row)(Elements x, Elements out, size_t count, float* exponentials);
  // inner > 1: `columns` neighbouring columns, whose elements along the axis are `stride` apart.
  void (*columns)(Elements x, Elements out, size_t axis, size_t stride, size_t columns);
};
ANE_KERNEL_TABLE(SoftmaxKernels, softmaxKernels)

// NaN where a row has a NaN, +infinity, or nothing but -infinity.
void softmax(const Softmax& a);

}  // namespace ane

// Reductions along one axis: x [outer, axis, inner] -> out [outer, inner]. fp32 inside, rounded once at the store.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/dispatch.h"
#include "core/element.h"

namespace ane {

// In the order of `reduceOperations` in src/reduce.ts.
enum class Reduction : uint8_t { sum, mean, sumSquare, max, min };

struct Reduce {
  Reduction operation;
  size_t outer, axis, inner;
  Elements x, out;
};

struct ReduceKernels {
  // inner == 1: one contiguous row of `count` elements to one element.
  void (*row)(Reduction operation, Elements x, Elements out, size_t count);
  // inner > 1: `columns` neighbouring columns, whose elements along the axis are `stride` apart.
  void (*columns)(Reduction operation, Elements x, Elements out, size_t axis, size_t stride, size_t columns);
};
ANE_KERNEL_TABLE(ReduceKernels, reduceKernels)

// max and min of a NaN are NaN. An empty axis gives 0 for sums and is excluded for the others.
void reduce(const Reduce& a);

}  // namespace ane

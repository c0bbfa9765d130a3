// Reductions over the middle of x [outer, axis, inner] -> out [outer, inner]; fp32 inside, rounded
// once at the end.
#pragma once

#include <stddef.h>

#include "core/dispatch.h"
#include "core/element.h"

namespace ane {

// The order is that of src/reduce.ts.
enum class Reduction : int { sum, mean, max, min, sumSquare };

struct Reduce {
  Reduction op;
  size_t outer, axis, inner;
  Elements x, out;
};

struct ReduceKernels {
  // Rows [begin, end) of `outer`, columns [column, columnEnd) of `inner`.
  void (*part)(const Reduce& args, size_t begin, size_t end, size_t column, size_t columnEnd);
};
ANE_KERNEL_TABLE(ReduceKernels, reduceKernels)

// The order of a sum depends on the shape alone.
void reduce(const Reduce& args);

}  // namespace ane

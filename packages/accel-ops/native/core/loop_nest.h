// Nested loops over strided operands, brought into the form in which they run fast.
#pragma once

#include <stddef.h>

#include <vector>

namespace ane {

// dims[d] = trip count; strides[operand][d] in elements.
struct LoopNest {
  std::vector<size_t> dims;
  std::vector<std::vector<ptrdiff_t>> strides;

  // Orders the loops by the strides of `operand`, largest first, merges neighbours that every
  // operand runs through as if they were one, and drops loops of one step. At least one loop is
  // left.
  void simplify(size_t operand);

  // Makes loop d, which is not the innermost one, the one around it.
  void moveToSecondLast(size_t d);

  // Offset of every operand at the `index`-th step of all loops but the innermost `inner` ones,
  // counted in row-major order.
  void offsets(size_t index, size_t inner, ptrdiff_t* out) const;

  // Steps of all loops but the innermost `inner` ones.
  size_t outerSteps(size_t inner) const;
};

}  // namespace ane

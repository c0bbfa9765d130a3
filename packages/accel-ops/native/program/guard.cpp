#include "program/guard.h"

namespace ane {
namespace {

float largestSquare(const GuardedMatrix& m, const Frame& frame) {
  return guardKernels().largestSquare(m.place.in(frame), m.rows, m.columns, m.rowStride,
                                      m.columnStride);
}

}  // namespace

// Comparisons are false for NaN.
bool Guard::holds(const Frame& frame) const {
  const float square = largestSquare(a, frame);
  return kind == finite ? square < __builtin_inff()
                        : square * largestSquare(b, frame) < bound * bound;
}

}  // namespace ane

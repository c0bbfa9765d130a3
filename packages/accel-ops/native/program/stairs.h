// Matrices of which row r matters in its first limits[r] columns only, where the limits never fall:
// the scores and probabilities of causal attention. What lies beyond is zero, or nobody reads it;
// products skip it.
#pragma once

#include <stddef.h>

#include <algorithm>

namespace ane {

// Which operand of a product C [m, n] = A [m, k] B [k, n] such a matrix is, or is the transpose of.
enum class Stairs { none, c, cTransposed, a, aTransposed, b, bTransposed };

// The same product with A and B exchanged and everything transposed.
inline Stairs transposed(Stairs stairs) {
  switch (stairs) {
    case Stairs::c:
      return Stairs::cTransposed;
    case Stairs::cTransposed:
      return Stairs::c;
    case Stairs::a:
      return Stairs::bTransposed;
    case Stairs::aTransposed:
      return Stairs::b;
    case Stairs::b:
      return Stairs::aTransposed;
    case Stairs::bTransposed:
      return Stairs::a;
    default:
      return stairs;
  }
}

struct Range {
  size_t begin, end;
};

// The terms k that contribute to the block rows x columns of C; none where the block is not needed.
inline Range contributing(Stairs stairs, const int* limits, Range rows, Range columns, size_t k) {
  const auto last = [&](Range lines) {
    return std::min(static_cast<size_t>(limits[lines.end - 1]), k);
  };
  const auto firstAbove = [&](size_t column) {
    return static_cast<size_t>(std::upper_bound(limits, limits + k, static_cast<int>(column)) -
                               limits);
  };
  switch (stairs) {
    case Stairs::c:
      return {0, columns.begin < static_cast<size_t>(limits[rows.end - 1]) ? k : 0};
    case Stairs::cTransposed:
      return {0, rows.begin < static_cast<size_t>(limits[columns.end - 1]) ? k : 0};
    case Stairs::a:
      return {0, last(rows)};
    case Stairs::bTransposed:
      return {0, last(columns)};
    case Stairs::aTransposed:
      return {firstAbove(rows.begin), k};
    case Stairs::b:
      return {firstAbove(columns.begin), k};
    default:
      return {0, k};
  }
}

}  // namespace ane

// Matrix product C = alpha A B + beta C with fp32 or fp16 operands, any strides of A and B, sums in
// fp32.
#pragma once

#include <stddef.h>

#include <memory>

#include "core/element.h"
#include "core/phased_work.h"

namespace ane {

// Element (i, j) of batch entry b is data[b * batchStride + i * rowStride + j * columnStride].
struct Matrix {
  Elements data;
  ptrdiff_t rowStride, columnStride, batchStride;

  Matrix transposed() const { return {data, columnStride, rowStride, batchStride}; }
};

// A [m, k], B [k, n], C [m, n] with rowStride or columnStride 1; `count` independent products. C
// overlaps neither A nor B. With beta = 0 C is not read; with alpha = 0 A and B are not.
struct GemmProblem {
  size_t m, n, k, count;
  Matrix a, b, c;
  float alpha, beta;
  bool bf16 = false;  // factors are rounded to bf16 first; only where hasBf16() holds

  // True where C has no elements.
  bool empty() const { return m == 0 || n == 0 || count == 0; }

  // The same product with rows and columns exchanged: C^T = B^T A^T.
  GemmProblem transposed() const {
    return {n, m, k, count, b.transposed(), a.transposed(), c.transposed(), alpha, beta, bf16};
  }
};

// The product as work, with the memory that it needs; null when there is nothing to do.
std::unique_ptr<PhasedWork> makeGemm(const GemmProblem& problem);

inline void gemm(const GemmProblem& problem) {
  if (const auto work = makeGemm(problem)) runPhases(*work);
}

// "packed" or "accelerate".
const char* gemmBackend();

}  // namespace ane

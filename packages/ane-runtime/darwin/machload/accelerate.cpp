// The function of Accelerate that the image uses, in plain loops: what is tested is how it is called.
#include <cstddef>

#include "imports.h"
#include "stop.h"

namespace machload {
namespace {

constexpr int kRowMajor = 101, kNoTranspose = 111, kTranspose = 112;

// An element of op(X): rows and columns change places if X is given transposed.
struct Operand {
  const float* data;
  size_t leading;
  bool transposed;
  float at(size_t row, size_t column) const {
    return data[transposed ? column * leading + row : row * leading + column];
  }
};

Operand operand(const float* data, int leading, int transpose) {
  if (transpose != kNoTranspose && transpose != kTranspose) stop("unknown transposition %d of cblas_sgemm", transpose);
  return {data, static_cast<size_t>(leading), transpose == kTranspose};
}

void sgemm(int order, int transposeA, int transposeB, int m, int n, int k, float alpha, const float* a, int lda,
           const float* b, int ldb, float beta, float* c, int ldc) {
  if (order != kRowMajor) stop("unknown order %d of cblas_sgemm", order);
  const Operand left = operand(a, lda, transposeA), right = operand(b, ldb, transposeB);
  for (size_t row = 0; row < static_cast<size_t>(m); row++) {
    for (size_t column = 0; column < static_cast<size_t>(n); column++) {
      float sum = 0;
      for (size_t i = 0; i < static_cast<size_t>(k); i++) sum += left.at(row, i) * right.at(i, column);
      float& target = c[row * static_cast<size_t>(ldc) + column];
      target = alpha * sum + (beta == 0 ? 0 : beta * target);  // C is not read if beta is 0
    }
  }
}

}  // namespace

void* accelerateImport(std::string_view name) {
  static const Import table[] = {{"_cblas_sgemm", addressOf(sgemm)}};
  return findImport(table, name);
}

}  // namespace machload

#include "gemm/kernels.h"

#include "simd/lanes.h"

namespace ane::ANE_ISA {
namespace {

template <class T>
void scaleTyped(T* c, size_t ldc, size_t rows, size_t columns, float beta) {
  for (size_t i = 0; i < rows; ++i, c += ldc) {
    forEachVector(columns, [=](size_t j, auto lanes) {
      lanes.store(c + j, beta == 0 ? zero() : splat(beta) * lanes.load(c + j));
    });
  }
}

void scaleRows(Elements c, size_t ldc, size_t rows, size_t columns, float beta) {
  if (c.type == Element::fp32) {
    scaleTyped(c.floats(), ldc, rows, columns, beta);
  } else {
    scaleTyped(c.halves(), ldc, rows, columns, beta);
  }
}

}  // namespace

const ScaleKernels scaleKernels = {scaleRows};

}  // namespace ane::ANE_ISA

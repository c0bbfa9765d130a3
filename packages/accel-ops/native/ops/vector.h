// Element-wise arithmetic and reductions of contiguous fp32 arrays.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/dispatch.h"
#include "core/element.h"

namespace ane {

struct VectorKernels {
  void (*add)(const float* a, const float* b, float* out, size_t count);
  void (*sub)(const float* a, const float* b, float* out, size_t count);
  void (*scale)(float* x, float alpha, size_t count);
  void (*axpy)(float alpha, const float* x, float* y, size_t count);
  double (*dot)(const float* a, const float* b, size_t count);
  bool (*allFiniteFloats)(const float* x, size_t count);
  bool (*allFiniteHalves)(const uint16_t* x, size_t count);
};
ANE_KERNEL_TABLE(VectorKernels, vectorKernels)

// out = a + b, out = a - b; out may be a or b.
void add(const float* a, const float* b, float* out, size_t count);
void sub(const float* a, const float* b, float* out, size_t count);
// x *= alpha; y += alpha * x.
void scale(float* x, float alpha, size_t count);
void axpy(float alpha, const float* x, float* y, size_t count);
// Σ a·b in double. The product of two floats is exact in a double and the order of the sum is
// fixed, so the result is the same for every instruction set and number of threads.
double dot(const float* a, const float* b, size_t count);
// False if any element is infinite or NaN.
bool allFinite(Elements x, size_t count);

}  // namespace ane

// The vector kernels of the packed matrix product.
//
// Operands are packed into panels: some neighbouring rows of A (columns of B) side by side for each
// step along the depth k, so that the multiplication reads both operands front to back:
//   packed[panel * panelDistance + k * width + i] = source row (panel * width + i), depth k
// Rows beyond the last one are zero up to the end of a vector. Where factors are rounded to bf16,
// an element of a panel holds those of two depths, 2k and 2k + 1.
#pragma once

#include <stddef.h>

#include "core/dispatch.h"
#include "core/element.h"

namespace ane {

// Rows of A, or columns of B: element k of row i is data[i * rowStride + k * depthStride].
struct PackSource {
  Elements data;
  ptrdiff_t rowStride, depthStride;

  // Rows are neighbours in memory.
  bool across() const { return rowStride == 1 && depthStride != 1; }
};

// target[i, j] = alpha * (A B)[i, j] + addendScale * addend[i, j], rounded to the target's type;
// the addend is not read when its scale is 0, and may be the target. Rows of both are contiguous.
struct PanelProduct {
  size_t rows, columns, depth;
  const float* a;
  size_t aPanelDistance, aPanelRows;
  const float* b;
  size_t bPanelDistance;
  Elements target, addend;
  size_t targetStride, addendStride;
  float alpha, addendScale;
};

struct GemmKernels {
  // Panel widths of A, of A where its rows are neighbours in memory (whole vectors: a multiple of
  // the first), and of B.
  size_t rows, rowsAcross, columns;
  // Depths in an element of a panel.
  size_t terms;
  void (*packRows)(const PackSource& source, size_t rows, size_t depth, float* packed,
                   size_t panelDistance);
  void (*packColumns)(const PackSource& source, size_t columns, size_t depth, float* packed,
                      size_t panelDistance);
  void (*multiply)(const PanelProduct& product);

  size_t panelRows(const PackSource& a) const { return a.across() ? rowsAcross : rows; }
};
ANE_KERNEL_TABLE(GemmKernels, gemmKernels)

#if defined(__x86_64__)
namespace avx512bf16 {
extern const GemmKernels gemmKernels;
}
#elif defined(__aarch64__) && !defined(__APPLE__)
namespace neonbf16 {
extern const GemmKernels gemmKernels;
}
#endif

// The same with factors rounded to bf16; only where hasBf16() holds.
inline const GemmKernels& bf16GemmKernels() {
#if defined(__x86_64__)
  return avx512bf16::gemmKernels;
#elif defined(__aarch64__) && !defined(__APPLE__)
  return neonbf16::gemmKernels;
#else
  return gemmKernels();
#endif
}

// Products of a large matrix with few vectors, without packing:
// C[i, j] = alpha * sum over k of A[i, k] vector[j, k] + beta * C[i, j].
struct ThinProduct {
  size_t rows, vectors, depth;
  // A[i, k] is data[i * rowStride + k * depthStride]; one of the strides is 1.
  Elements data;
  ptrdiff_t rowStride, depthStride;
  // Vector j is vectorData[j * depth ...].
  const float* vectorData;
  // C[i, j] is c.data[i * cRowStride + j * cVectorStride].
  Elements c;
  ptrdiff_t cRowStride, cVectorStride;
  float alpha, beta;
};

struct ThinKernels {
  // out[k] = source[k * stride], for the vectors.
  void (*gather)(Elements source, ptrdiff_t stride, size_t count, float* out);
  void (*multiply)(const ThinProduct& product);
};
ANE_KERNEL_TABLE(ThinKernels, thinKernels)

struct ScaleKernels {
  // C = beta * C, 0 when beta is 0: rows of `columns` elements.
  void (*scaleRows)(Elements c, size_t ldc, size_t rows, size_t columns, float beta);
};
ANE_KERNEL_TABLE(ScaleKernels, scaleKernels)

}  // namespace ane

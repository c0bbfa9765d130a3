// Copies between strided arrays of up to five dims: slices, permutations, broadcasts; fp16 <-> fp32
// on the way.
#pragma once

#include <stddef.h>

#include "core/dispatch.h"
#include "core/element.h"

namespace ane {

constexpr size_t kMaxCopyDims = 5;

// dst[i, j, ...] = src[i, j, ...]; strides in elements. src and dst do not overlap.
struct CopyStrided {
  size_t rank;
  size_t shape[kMaxCopyDims];
  Elements src, dst;
  ptrdiff_t srcStrides[kMaxCopyDims], dstStrides[kMaxCopyDims];
};

struct CopyKernels {
  // dst[i * dstStride] = src[i * srcStride].
  void (*row)(Elements src, ptrdiff_t srcStride, Elements dst, ptrdiff_t dstStride, size_t count);
  // dst[i * dstStride + j] = src[i + j * srcStride] for i < rows, j < columns.
  void (*transposed)(Elements src, ptrdiff_t srcStride, Elements dst, ptrdiff_t dstStride,
                     size_t rows, size_t columns);
};
ANE_KERNEL_TABLE(CopyKernels, copyKernels)

void copyStrided(const CopyStrided& args);

}  // namespace ane

// Copies a tensor of up to 5 dims between any two layouts, converting between fp32 and fp16 on the way.
#pragma once

#include <stddef.h>

#include "core/dispatch.h"
#include "core/element.h"

namespace ane {

constexpr size_t kMaxCopyDims = 5;

// Element (i0, i1, ...) is at offset Σ i·stride of src and of dst; strides in elements.
struct CopyStrided {
  size_t dims;
  size_t sizes[kMaxCopyDims];
  ptrdiff_t srcStrides[kMaxCopyDims], dstStrides[kMaxCopyDims];
  Elements src, dst;
};

// A [rows, columns] piece: what is left of a copy inside its outer loops.
struct CopyPlane {
  size_t rows, columns;
  ptrdiff_t srcRow, srcColumn, dstRow, dstColumn;
};

struct CopyStridedKernels {
  void (*plane)(Elements src, Elements dst, const CopyPlane& plane);
};
ANE_KERNEL_TABLE(CopyStridedKernels, copyStridedKernels)

// src and dst must not overlap.
void copyStrided(const CopyStrided& a);

}  // namespace ane

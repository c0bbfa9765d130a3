// Transposition of fp32 matrices: src [rows, columns] -> dst [columns, rows], as fp32 or rounded to
// fp16.
#pragma once

#include <stddef.h>

#include "core/dispatch.h"
#include "core/element.h"

namespace ane {

struct Transpose {
  const float* src;
  Elements dst;
  size_t rows, columns;
};

struct TransposeKernels {
  // The part of src in rows [row, rowEnd) and columns [column, columnEnd).
  void (*part)(const Transpose& args, size_t row, size_t rowEnd, size_t column, size_t columnEnd);
};
ANE_KERNEL_TABLE(TransposeKernels, transposeKernels)

void transpose(const Transpose& args);

}  // namespace ane

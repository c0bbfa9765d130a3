// Rows of a table [classes, dim] by token, and the backward pass that adds gradients to those rows.
// A token that occurs twice receives its gradients in the order of the rows: the sum is the same
// for every number of threads.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/dispatch.h"
#include "ops/layout.h"

namespace ane {

struct EmbeddingGather {
  const float* table;      // [classes, dim]
  const uint32_t* tokens;  // [rows], each below classes
  float* out;              // [dim, rows] or [rows, dim]
  size_t rows, dim;
};

struct EmbeddingScatterAdd {
  float* dTable;           // [classes, dim]
  const uint32_t* tokens;  // [rows]
  const float* dx;         // [dim, rows] or [rows, dim]
  size_t rows, dim;
  bool accumulate;  // false: the rows of the tokens are zeroed first
};

struct EmbeddingKernels {
  // Channel-first, rows [begin, end).
  void (*gather)(const EmbeddingGather& args, size_t begin, size_t end);
  // Channel-first, channels [begin, end).
  void (*scatterAdd)(const EmbeddingScatterAdd& args, size_t begin, size_t end);
};
ANE_KERNEL_TABLE(EmbeddingKernels, embeddingKernels)

void embeddingGather(const EmbeddingGather& args, Layout layout);
void embeddingScatterAdd(const EmbeddingScatterAdd& args, Layout layout);

}  // namespace ane

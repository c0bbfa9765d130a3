// RMSNorm forward and backward. With i = 1 / √(mean x² + eps) of a row (all channels of a
// position):
//   out = w·x·i      dx = i·w·dOut − x·i³·mean(w·dOut·x)      dWeight += Σ over rows of dOut·x·i
// x may be fp32 or fp16; everything else is fp32.
#pragma once

#include <stddef.h>

#include "core/dispatch.h"
#include "core/element.h"
#include "ops/layout.h"

namespace ane {

struct RmsNormForward {
  Elements x;
  const float* weight;
  float* out;
  float* inverseRms;  // [rows] or null
  size_t rows, dim;
  float eps;
};

struct RmsNormBackward {
  Elements x;
  const float *weight, *dOut;
  float* dx;  // may be dOut
  size_t rows, dim;
  float eps;
  bool accumulate;  // dx += instead of dx =
};

// Σ x² and Σ w·dOut·x of each row over some channels, then 1 / √(mean x² + eps) and
// i³·mean(w·dOut·x): [rows] each.
struct RmsNormStatistics {
  float* squares;
  float* products;  // null in the forward pass
};

// Channel-first, lanes are rows and the work is cut into channels: memory is read and written in
// the order it lies in. Token-major, lanes are channels and the work is cut into rows.
struct RmsNormKernels {
  // Sums over channels [begin, end) to `sums`, which hold zeros.
  void (*squares)(const RmsNormForward& args, size_t begin, size_t end, float* squares);
  void (*sums)(const RmsNormBackward& args, size_t begin, size_t end,
               const RmsNormStatistics& sums);
  // Sums over all channels, rows [begin, end) of them, become what the formulas need.
  void (*finish)(const RmsNormStatistics& sums, size_t begin, size_t end, size_t dim, float eps);
  // Channels [begin, end).
  void (*forwardChannels)(const RmsNormForward& args, const float* inverseRms, size_t begin,
                          size_t end);
  void (*backwardChannels)(const RmsNormBackward& args, const RmsNormStatistics& statistics,
                           size_t begin, size_t end, float* dWeight);
  // Rows [begin, end); dWeight [dim] is their part of the sum, added to what it holds.
  void (*forwardRows)(const RmsNormForward& args, size_t begin, size_t end);
  void (*backwardRows)(const RmsNormBackward& args, size_t begin, size_t end, float* dWeight);
};
ANE_KERNEL_TABLE(RmsNormKernels, rmsNormKernels)

void rmsNormForward(const RmsNormForward& args, Layout layout);
void rmsNormBackward(const RmsNormBackward& args, Layout layout, float* dWeight);

}  // namespace ane

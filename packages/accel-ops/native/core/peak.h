// The processor's limit, for benchmarks to compare with: multiply-adds on registers only.
#pragma once

#include <stddef.h>

#include "core/dispatch.h"

namespace ane {

struct PeakKernels {
  // Runs a loop of `iterations` rounds; returns the floating-point operations done.
  size_t (*multiplyAdd)(size_t iterations, float* sink);
};
ANE_KERNEL_TABLE(PeakKernels, peakKernels)

// fp32 operations per second of all threads together, measured for about `seconds`.
double measurePeak(double seconds);

}  // namespace ane

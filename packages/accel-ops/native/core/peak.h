// The processor's limit, for benchmarks to compare with: multiply-adds on registers only.
#pragma once

#include <stddef.h>

#include <string>
#include <utility>
#include <vector>

#include "core/dispatch.h"

namespace ane {

struct PeakKernels {
  // Runs a loop of `iterations` rounds; returns the floating-point operations done.
  size_t (*multiplyAdd)(size_t iterations, float* sink);
};
ANE_KERNEL_TABLE(PeakKernels, peakKernels)

// fp32 operations per second of all threads together, measured for about `seconds`.
double measurePeak(double seconds);

// The same for every instruction set of this processor with fused multiply-adds, whichever is in
// use, and for its products of bf16 pairs with fp32 sums, by the names of `cpuFeatures`; each for
// about `seconds`.
std::vector<std::pair<std::string, double>> measurePeaks(double seconds);

// As PeakKernels::multiplyAdd, for bf16. Only where `cpuFeatures` has `bf16PeakFeature`, which is
// null where the code is missing.
extern const char* const bf16PeakFeature;
size_t bf16MultiplyAdd(size_t iterations, float* sink);

}  // namespace ane

// fp32 <-> fp16 conversion of contiguous arrays, in parallel. Round to nearest even; beyond 65504
// infinity.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/dispatch.h"

namespace ane {

struct ConvertKernels {
  void (*toHalf)(const float* src, uint16_t* dst, size_t count);
  void (*toFloat)(const uint16_t* src, float* dst, size_t count);
};
ANE_KERNEL_TABLE(ConvertKernels, convertKernels)

void toHalf(const float* src, uint16_t* dst, size_t count);
void toFloat(const uint16_t* src, float* dst, size_t count);

}  // namespace ane

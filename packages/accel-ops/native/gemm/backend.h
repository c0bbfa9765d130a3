// Who computes a matrix product: packed_backend.cpp (this package's kernels) or
// accelerate_backend.cpp (Apple's library); binding.gyp takes one of them.
#pragma once

#include <memory>

#include "gemm/gemm.h"

namespace ane {

// `problem` has columnStride 1 in C, k > 0, alpha != 0 and nothing that is empty.
std::unique_ptr<PhasedWork> makeProduct(const GemmProblem& problem);

}  // namespace ane

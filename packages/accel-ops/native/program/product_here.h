// A matrix product in the calling thread, for matrices that stay in its cache.
#pragma once

#include "gemm/gemm.h"
#include "program/stairs.h"

namespace ane {

// `problem` has columnStride 1 in C, beta 0 or 1 and nothing that is empty. `limits` belong to
// `stairs`, and are not read when that is none. Sums are over k in increasing order.
void multiplyHere(const GemmProblem& problem, Stairs stairs, const int* limits);

}  // namespace ane

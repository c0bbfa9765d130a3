// Normally distributed numbers from a counter: Philox4x32-10 (Salmon et al., "Parallel Random
// Numbers: As Easy as 1, 2, 3", SC11) and the Box-Muller transform. Element i is a function of
// (seed, stream, i) alone and has the same bits on every processor: the transform uses +, −, ·, /
// and √ of doubles only, which IEEE 754 defines to the last bit, in an order the compiler may not
// change (no contraction to fused operations), and no function of the C library.
//
// The block of elements 4b … 4b + 3 comes from the words of counter (b, stream), key seed, low half
// first. Words (w0, w1) give two elements, (w2, w3) the other two: with u = (w0 + ½)/2³² and angle
// 2π·w1/2³², std·√(−2 ln u) times its cosine and sine.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/dispatch.h"

namespace ane {

struct NormalStream {
  uint64_t seed, stream;
  double std;
};

// Blocks of four elements that a kernel makes at a time.
constexpr size_t kNormalBlocks = 64;

struct FillNormalKernels {
  void (*philox)(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]);
  // Blocks [first, first + kNormalBlocks) to out [4·kNormalBlocks].
  void (*blocks)(const NormalStream& source, uint64_t first, float* out);
};
ANE_KERNEL_TABLE(FillNormalKernels, fillNormalKernels)

// out[i] = element offset + i.
void fillNormal(const NormalStream& source, uint64_t offset, float* out, size_t count);

}  // namespace ane

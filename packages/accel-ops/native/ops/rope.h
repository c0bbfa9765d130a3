// Rotary position embedding of interleaved pairs, in place (Su et al., "RoFormer", 2021, with
// llama2.c's pairing): channels (2i, 2i + 1) of each head at position p turn by
// p·theta^(-2i/headDim). The backward pass is the rotation by the opposite angle.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/dispatch.h"
#include "ops/layout.h"

namespace ane {

struct Rope {
  float* x;  // channel-first [heads·headDim, rows] or token-major [rows, heads·headDim]
  // Tables of angles: channel-first [headDim / 2, tablePositions], token-major [tablePositions,
  // headDim / 2].
  const float *cosine, *sine;
  size_t tablePositions;
  const uint32_t* positions;  // [rows], or null for startPosition + row
  size_t startPosition;
  size_t rows, heads, headDim;
  float direction;  // 1 forward, -1 backward
};

struct RopeKernels {
  // x [heads, 2·pairs]; cosine and sine [pairs].
  void (*rotateToken)(float* x, const float* cosine, const float* sine, size_t heads, size_t pairs,
                      float direction);
  // even, odd, cosine and sine [count].
  void (*rotateRows)(float* even, float* odd, const float* cosine, const float* sine, size_t count,
                     float direction);
};
ANE_KERNEL_TABLE(RopeKernels, ropeKernels)

void rope(const Rope& args, Layout layout);

}  // namespace ane

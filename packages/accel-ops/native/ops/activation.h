// Logistic function, SiLU and SwiGLU of contiguous fp32 arrays, with their backward passes. Every
// output may be the same array as an input; silu(x) = x·σ(x), silu'(x) = σ(x)·(1 + x·(1 − σ(x))).
#pragma once

#include <stddef.h>

#include "core/dispatch.h"

namespace ane {

struct SwiGluGradients {
  const float *h1, *h3, *dGate;
  float *dH1, *dH3;
};

struct ActivationKernels {
  void (*sigmoid)(const float* x, float* out, size_t count);
  void (*silu)(const float* x, float* out, size_t count);
  void (*siluBackward)(const float* x, const float* dOut, float* dx, size_t count);
  void (*swiGlu)(const float* h1, const float* h3, float* gate, size_t count);
  void (*swiGluBackward)(const SwiGluGradients& arrays, size_t begin, size_t end);
};
ANE_KERNEL_TABLE(ActivationKernels, activationKernels)

void sigmoid(const float* x, float* out, size_t count);
void silu(const float* x, float* out, size_t count);
// dx = dOut·silu'(x)
void siluBackward(const float* x, const float* dOut, float* dx, size_t count);
// gate = silu(h1)·h3
void swiGlu(const float* h1, const float* h3, float* gate, size_t count);
// dH1 = dGate·h3·silu'(h1), dH3 = dGate·silu(h1)
void swiGluBackward(const SwiGluGradients& arrays, size_t count);

}  // namespace ane

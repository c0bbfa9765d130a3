// One step of AdamW over a contiguous range of parameters, in one pass over memory (Loshchilov &
// Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2, with a constant schedule).
#pragma once

#include <stddef.h>

#include "core/dispatch.h"

namespace ane {

struct AdamWArrays {
  float* parameters;
  const float* gradients;
  float *firstMoment, *secondMoment;
};

// What the update needs of the hyperparameters, derived in double and rounded once.
struct AdamWFactors {
  float gradientScale;  // applied to every gradient first
  float beta1, oneMinusBeta1;
  float beta2, oneMinusBeta2;
  float decay;             // learningRate·weightDecay
  float stepSize;          // learningRate / (1 − beta1^step)
  float inverseRootBias2;  // 1 / √(1 − beta2^step)
  float epsilon;
};

struct AdamWKernels {
  void (*update)(const AdamWArrays& arrays, const AdamWFactors& factors, size_t begin, size_t end);
};
ANE_KERNEL_TABLE(AdamWKernels, adamWKernels)

struct AdamWSettings {
  double learningRate, beta1, beta2, epsilon, weightDecay, gradientScale;
  double step;  // 1 for the first update
};

void adamW(const AdamWArrays& arrays, size_t count, const AdamWSettings& settings);

}  // namespace ane

// Cross-entropy of logits [rows, classes] with one target class per row: log Σ exp(x) − x[target],
// in nats. The gradient replaces the logits, gradientScale·(softmax(x) − onehot(target)), while
// their row is still in the cache.
//
// With a soft cap, x stands for softcap·tanh(logit / softcap) (Gemma 2, 2024). With a z-loss, the
// gradient is that of the cross-entropy plus zLoss·(log Σ exp(x))² (PaLM, 2022); the loss that is
// returned is the cross-entropy alone.
//
// Absent classes have no logit in the row and stand for 0 each: exp(0) in the sum.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/dispatch.h"

namespace ane {

// log Σ exp(x) = reference + log(sum)
struct LogSum {
  float reference;
  double sum;
};

struct CrossEntropyKernels {
  LogSum (*logSum)(const float* row, size_t classes, size_t absent);
  // The same, and row = gradientScale·(softmax(row)·(1 + 2·zLoss·log Σ exp(row)) − onehot(target)).
  LogSum (*gradient)(float* row, size_t classes, size_t absent, size_t target, float gradientScale,
                     float zLoss);
  // out = softcap·tanh(row / softcap); they may be the same array.
  void (*softcap)(const float* row, float* out, size_t classes, float softcap);
  // gradient *= 1 − (capped / softcap)², the derivative of that.
  void (*softcapBackward)(const float* capped, float* gradient, size_t classes, float softcap);
};
ANE_KERNEL_TABLE(CrossEntropyKernels, crossEntropyKernels)

struct CrossEntropy {
  const uint32_t* targets;  // [rows], each below classes
  size_t rows, classes;
  float* losses;  // [rows] or null
  float softcap;  // 0 = none
  size_t absent;  // classes without a logit
};

// Mean loss, logits untouched.
double crossEntropyLoss(const CrossEntropy& args, const float* logits);
// Mean loss; logits become their gradient.
double crossEntropy(const CrossEntropy& args, float* logits, float gradientScale, float zLoss);

}  // namespace ane

// Cross-entropy of logits [rows, classes] with one target class per row: log Σ exp(x) − x[target], in nats. The
// gradient replaces the logits, gradientScale·(softmax(x) − onehot(target)), while their row is still in the cache.
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
  LogSum (*logSum)(const float* row, size_t classes);
  // The same, and row = gradientScale·(softmax(row) − onehot(target)).
  LogSum (*gradient)(float* row, size_t classes, size_t target, float gradientScale);
};
ANE_KERNEL_TABLE(CrossEntropyKernels, crossEntropyKernels)

struct CrossEntropy {
  const uint32_t* targets;  // [rows], each below classes
  size_t rows, classes;
  float* losses;  // [rows] or null
};

// Mean loss, logits untouched.
double crossEntropyLoss(const CrossEntropy& args, const float* logits);
// Mean loss; logits become their gradient.
double crossEntropy(const CrossEntropy& args, float* logits, float gradientScale);

}  // namespace ane

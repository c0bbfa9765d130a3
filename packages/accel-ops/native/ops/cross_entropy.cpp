#include "ops/cross_entropy.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/thread_pool.h"

namespace ane {
namespace {

// Mean over rows of logSum(row) − logit of the target, added in row order.
template <class RowLogSum>
double meanLoss(const CrossEntropy& a, const float* logits, RowLogSum&& logSum) {
  constexpr size_t kGrain = 16384;  // elements per chunk of parallel work
  std::vector<double> losses(a.rows);
  parallelRange(a.rows, std::max<size_t>(1, kGrain / a.classes), [&](size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      const double target = logits[row * a.classes + a.targets[row]];
      const LogSum result = logSum(row);
      losses[row] = std::log(result.sum) + (static_cast<double>(result.reference) - target);
    }
  });
  double total = 0;
  for (size_t row = 0; row < a.rows; ++row) {
    total += losses[row];
    if (a.losses) a.losses[row] = static_cast<float>(losses[row]);
  }
  return total / static_cast<double>(a.rows);
}

}  // namespace

double crossEntropyLoss(const CrossEntropy& args, const float* logits) {
  return meanLoss(args, logits, [&](size_t row) {
    return crossEntropyKernels().logSum(logits + row * args.classes, args.classes);
  });
}

double crossEntropy(const CrossEntropy& args, float* logits, float gradientScale) {
  return meanLoss(args, logits, [&](size_t row) {
    return crossEntropyKernels().gradient(logits + row * args.classes, args.classes, args.targets[row], gradientScale);
  });
}

}  // namespace ane

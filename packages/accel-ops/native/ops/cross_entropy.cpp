#include "ops/cross_entropy.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/thread_pool.h"

namespace ane {
namespace {

constexpr size_t kGrain = 16384;  // elements per chunk of parallel work

// Mean over rows of logSum(row) − logit of the target, added in row order. `rowLoss` gives the loss
// of a row.
template <class RowLoss>
double meanLoss(const CrossEntropy& a, RowLoss&& rowLoss) {
  std::vector<double> losses(a.rows);
  parallelRange(a.rows, std::max<size_t>(1, kGrain / a.classes), [&](size_t begin, size_t end) {
    std::vector<float> capped(a.softcap == 0 ? 0 : a.classes);
    for (size_t row = begin; row < end; ++row) losses[row] = rowLoss(row, capped.data());
  });
  double total = 0;
  for (size_t row = 0; row < a.rows; ++row) {
    total += losses[row];
    if (a.losses) a.losses[row] = static_cast<float>(losses[row]);
  }
  return total / static_cast<double>(a.rows);
}

double lossOf(LogSum sum, float target) {
  return std::log(sum.sum) + (static_cast<double>(sum.reference) - static_cast<double>(target));
}

}  // namespace

double crossEntropyLoss(const CrossEntropy& a, const float* logits) {
  const CrossEntropyKernels& kernels = crossEntropyKernels();
  return meanLoss(a, [&](size_t row, float* capped) {
    const float* x = logits + row * a.classes;
    if (a.softcap != 0) {
      kernels.softcap(x, capped, a.classes, a.softcap);
      x = capped;
    }
    return lossOf(kernels.logSum(x, a.classes, a.absent), x[a.targets[row]]);
  });
}

double crossEntropy(const CrossEntropy& a, float* logits, float gradientScale, float zLoss) {
  const CrossEntropyKernels& kernels = crossEntropyKernels();
  return meanLoss(a, [&](size_t row, float* capped) {
    float* x = logits + row * a.classes;
    if (a.softcap != 0) {
      kernels.softcap(x, x, a.classes, a.softcap);
      std::copy_n(x, a.classes, capped);
    }
    const float target = x[a.targets[row]];
    const LogSum sum =
        kernels.gradient(x, a.classes, a.absent, a.targets[row], gradientScale, zLoss);
    if (a.softcap != 0) kernels.softcapBackward(capped, x, a.classes, a.softcap);
    return lossOf(sum, target);
  });
}

}  // namespace ane

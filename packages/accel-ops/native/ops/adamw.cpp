#include "ops/adamw.h"

#include <cmath>

#include "core/thread_pool.h"

namespace ane {
namespace {

// Parameters per chunk of parallel work: 28 bytes of memory traffic each.
constexpr size_t kGrain = 16384;

AdamWFactors factorsOf(const AdamWSettings& s) {
  AdamWFactors f;
  f.gradientScale = static_cast<float>(s.gradientScale);
  f.beta1 = static_cast<float>(s.beta1);
  f.oneMinusBeta1 = static_cast<float>(1 - s.beta1);
  f.beta2 = static_cast<float>(s.beta2);
  f.oneMinusBeta2 = static_cast<float>(1 - s.beta2);
  f.decay = static_cast<float>(s.learningRate * s.weightDecay);
  f.stepSize = static_cast<float>(s.learningRate / (1 - std::pow(s.beta1, s.step)));
  f.inverseRootBias2 = static_cast<float>(1 / std::sqrt(1 - std::pow(s.beta2, s.step)));
  f.epsilon = static_cast<float>(s.epsilon);
  return f;
}

}  // namespace

void adamW(const AdamWArrays& arrays, size_t count, const AdamWSettings& settings) {
  const AdamWFactors factors = factorsOf(settings);
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    adamWKernels().update(arrays, factors, begin, end);
  });
}

}  // namespace ane

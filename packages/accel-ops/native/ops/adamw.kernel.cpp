#include "ops/adamw.h"

#include "simd/lanes.h"

namespace ane::ANE_ISA {
namespace {

// m = β1·m + (1 − β1)·g,  v = β2·v + (1 − β2)·g²,
// p −= decay·p + stepSize·m / (√v / √(1 − β2^t) + ε).
// 1 − decay is not formed: rounded to fp32 it would be a different decay.
void update(const AdamWArrays& arrays, const AdamWFactors& f, size_t begin, size_t end) {
  float* const p = arrays.parameters + begin;
  const float* const g = arrays.gradients + begin;
  float *const m = arrays.firstMoment + begin, *const v = arrays.secondMoment + begin;
  const F32 gradientScale = splat(f.gradientScale), epsilon = splat(f.epsilon),
            decay = splat(f.decay);
  const F32 beta1 = splat(f.beta1), oneMinusBeta1 = splat(f.oneMinusBeta1);
  const F32 beta2 = splat(f.beta2), oneMinusBeta2 = splat(f.oneMinusBeta2);
  const F32 stepSize = splat(f.stepSize), inverseRootBias2 = splat(f.inverseRootBias2);
  forEachVector(end - begin, [=](size_t i, auto lanes) {
    const F32 gradient = gradientScale * lanes.load(g + i);
    const F32 first = fma(beta1, lanes.load(m + i), oneMinusBeta1 * gradient);
    const F32 second = fma(beta2, lanes.load(v + i), oneMinusBeta2 * gradient * gradient);
    const F32 direction = first / fma(sqrt(second), inverseRootBias2, epsilon);
    lanes.store(m + i, first);
    lanes.store(v + i, second);
    const F32 parameter = lanes.load(p + i);
    lanes.store(p + i, parameter - fma(decay, parameter, stepSize * direction));
  });
}

}  // namespace

const AdamWKernels adamWKernels = {update};

}  // namespace ane::ANE_ISA

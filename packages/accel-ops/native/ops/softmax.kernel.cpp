#include "ops/softmax.h"

#include "simd/exp.h"
#include "simd/lanes.h"

namespace ane::ANE_ISA {
namespace {

template <class Source>
float maximum(const Source* x, size_t count) {
  F32 largest = splat(-__builtin_inff());
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) largest = maxNan(load(x + i), largest);
  float lanes[kLanes];
  store(lanes, largest);
  float result = lanes[0];
  for (size_t k = 1; k < kLanes; ++k) result = lanes[k] > result || lanes[k] != lanes[k] ? lanes[k] : result;
  if (i < count) {
    store(lanes, loadPart(x + i, count - i));
    for (size_t k = 0; k < count - i; ++k) result = lanes[k] > result || lanes[k] != lanes[k] ? lanes[k] : result;
  }
  return result;
}

template <class Source, class Target>
void softmaxRow(const Source* x, Target* out, size_t count, float* exponentials) {
  const F32 largest = splat(maximum(x, count));
  forEachVector(count, [=](size_t i, auto lanes) {
    lanes.store(exponentials + i, exp(lanes.load(x + i) - largest));
  });
  const float total = sumOver(count, [=](size_t i, auto lanes, F32 part) {
    return part + lanes.load(exponentials + i);
  });
  const F32 factor = splat(1.0f / total);
  forEachVector(count, [=](size_t i, auto lanes) {
    lanes.store(out + i, lanes.load(exponentials + i) * factor);
  });
}

template <class Source, class Target>
void softmaxColumns(const Source* x, Target* out, size_t axis, size_t stride, size_t columns) {
  forEachVector(columns, [=](size_t column, auto lanes) {
    F32 largest = splat(-__builtin_inff()), total = zero();
    for (size_t i = 0; i < axis; ++i) largest = maxNan(lanes.load(x + i * stride + column), largest);
    for (size_t i = 0; i < axis; ++i) total = total + exp(lanes.load(x + i * stride + column) - largest);
    const F32 factor = splat(1.0f) / total;
    for (size_t i = 0; i < axis; ++i) {
      const size_t at = i * stride + column;
      lanes.store(out + at, exp(lanes.load(x + at) - largest) * factor);
    }
  });
}

// Calls f(source, target) with pointers of the elements' own types.
template <class F>
void withTypes(Elements x, Elements out, F f) {
  const bool floatSource = x.type == Element::fp32, floatTarget = out.type == Element::fp32;
  if (floatSource && floatTarget) return f(x.floats(), out.floats());
  if (floatSource) return f(x.floats(), out.halves());
  if (floatTarget) return f(x.halves(), out.floats());
  f(x.halves(), out.halves());
}

void row(Elements x, Elements out, size_t count, float* exponentials) {
  withTypes(x, out, [=](auto* source, auto* target) { softmaxRow(source, target, count, exponentials); });
}

void columns(Elements x, Elements out, size_t axis, size_t stride, size_t count) {
  withTypes(x, out, [=](auto* source, auto* target) { softmaxColumns(source, target, axis, stride, count); });
}

}  // namespace

const SoftmaxKernels softmaxKernels = {row, columns};

}  // namespace ane::ANE_ISA

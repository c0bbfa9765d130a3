#include "ops/vector.h"

#include "simd/lanes.h"

namespace ane::ANE_ISA {
namespace {

void add(const float* a, const float* b, float* out, size_t count) {
  forEachVector(count, [=](size_t i, auto lanes) {
    lanes.store(out + i, lanes.load(a + i) + lanes.load(b + i));
  });
}

void sub(const float* a, const float* b, float* out, size_t count) {
  forEachVector(count, [=](size_t i, auto lanes) {
    lanes.store(out + i, lanes.load(a + i) - lanes.load(b + i));
  });
}

void scale(float* x, float alpha, size_t count) {
  const F32 factor = splat(alpha);
  forEachVector(count,
                [=](size_t i, auto lanes) { lanes.store(x + i, factor * lanes.load(x + i)); });
}

void axpy(float alpha, const float* x, float* y, size_t count) {
  const F32 factor = splat(alpha);
  forEachVector(count, [=](size_t i, auto lanes) {
    lanes.store(y + i, fma(factor, lanes.load(x + i), lanes.load(y + i)));
  });
}

// Partial sums of the elements i ≡ lane (mod 16): the same ones whatever the vector length of the
// compiled code.
double dot(const float* a, const float* b, size_t count) {
  constexpr size_t kSums = 16;
  double sums[kSums] = {};
  size_t i = 0;
  for (; i + kSums <= count; i += kSums) {
    for (size_t lane = 0; lane < kSums; ++lane) {
      sums[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
    }
  }
  for (size_t lane = 0; i + lane < count; ++lane) {
    sums[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
  }
  for (size_t width = kSums / 2; width > 0; width /= 2) {
    for (size_t lane = 0; lane < width; ++lane) sums[lane] += sums[lane + width];
  }
  return sums[0];
}

// x − x is 0, or NaN if x is infinite or NaN, and a sum with a NaN in it is NaN.
template <class T>
bool allFinite(const T* x, size_t count) {
  return sumOver(count, [=](size_t i, auto lanes, F32 part) {
           const F32 value = lanes.load(x + i);
           return part + (value - value);
         }) == 0;
}

}  // namespace

const VectorKernels vectorKernels = {
    add, sub, scale, axpy, dot, allFinite<float>, allFinite<uint16_t>};

}  // namespace ane::ANE_ISA

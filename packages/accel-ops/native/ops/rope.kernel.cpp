#include "ops/rope.h"

#include "simd/lanes.h"

namespace ane::ANE_ISA {
namespace {

// The pairs of a head are neighbours in memory; compilers turn this loop into vector code with
// shuffles. Products and sums are rounded one by one, so a token has the same bits alone and within
// a sequence.
void rotateToken(float* x, const float* cosine, const float* sine, size_t heads, size_t pairs,
                 float direction) {
  for (size_t head = 0; head < heads; ++head, x += 2 * pairs) {
    for (size_t i = 0; i < pairs; ++i) {
      const float even = x[2 * i], odd = x[2 * i + 1], s = direction * sine[i];
      x[2 * i] = even * cosine[i] - odd * s;
      x[2 * i + 1] = even * s + odd * cosine[i];
    }
  }
}

void rotateRows(float* even, float* odd, const float* cosine, const float* sine, size_t count,
                float direction) {
  const F32 sign = splat(direction);
  forEachVector(count, [=](size_t i, auto lanes) {
    const F32 a = lanes.load(even + i), b = lanes.load(odd + i);
    const F32 c = lanes.load(cosine + i), s = sign * lanes.load(sine + i);
    lanes.store(even + i, a * c - b * s);
    lanes.store(odd + i, a * s + b * c);
  });
}

}  // namespace

const RopeKernels ropeKernels = {rotateToken, rotateRows};

}  // namespace ane::ANE_ISA

#include "ops/cross_entropy.h"

#include "simd/exp.h"
#include "simd/lanes.h"
#include "simd/math.h"

namespace ane::ANE_ISA {
namespace {

constexpr size_t kMaxBlocks = 64;

// Classes per block: it stays in the first-level cache between its two passes, unless there are
// very many.
size_t blockSize(size_t classes) {
  constexpr size_t kBlock = 2048;
  return classes <= kBlock * kMaxBlocks ? kBlock : (classes + kMaxBlocks - 1) / kMaxBlocks;
}

float largest(const float* x, size_t count, float start) {
  // Four, so that one comparison need not wait for another.
  F32 best[4] = {splat(start), splat(start), splat(start), splat(start)};
  size_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    for (size_t k = 0; k < 4; ++k) best[k] = max(load(x + i + k * kLanes), best[k]);
  }
  for (; i + kLanes <= count; i += kLanes) best[0] = max(load(x + i), best[0]);
  float result = maxLane(max(max(best[0], best[1]), max(best[2], best[3])));
  for (; i < count; ++i) result = x[i] > result ? x[i] : result;
  return result;
}

// Σ exp(x − reference); if `write`, x becomes its exp(x − reference). Memory fetches what lies
// `ahead` elements further on, the next block, while this one is computed.
template <bool write, class Float>
float sumExp(Float* x, size_t count, float reference, size_t ahead) {
  const F32 shift = splat(reference);
  float total = 0;
  const size_t whole = count / kLanes * kLanes;
  const float wholeSum = sumOver(whole, [=](size_t i, auto lanes, F32 part) {
    __builtin_prefetch(x + i + ahead, write);
    const F32 e = expBelow(lanes.load(x + i) - shift);
    if constexpr (write) lanes.store(x + i, e);
    return part + e;
  });
  if (whole < count) {
    // Lanes beyond the end would count as exp(0 − reference).
    float rest[kLanes];
    store(rest, expBelow(loadPart(x + whole, count - whole) - shift));
    for (size_t i = whole; i < count; ++i) {
      total += rest[i - whole];
      if constexpr (write) x[i] = rest[i - whole];
    }
  }
  return wholeSum + total;
}

// One pass over the row, block by block. The reference is the largest logit so far: a block with a
// larger one scales the sum before it down, and `references` remembers what each block's
// exponentials are relative to. Starting from the lowest finite number, not from -inf, keeps rows
// that begin with -inf free of inf − inf. NaN reaches the sum. Absent classes come first: exp(0)
// each.
template <bool write, class Float>
LogSum sumBlocks(Float* row, size_t classes, size_t absent, float* references) {
  const size_t block = blockSize(classes);
  float reference = absent > 0 ? 0 : -__FLT_MAX__;
  double total = static_cast<double>(absent);
  for (size_t begin = 0; begin < classes; begin += block) {
    const size_t count = classes - begin < block ? classes - begin : block;
    const float next = largest(row + begin, count, reference);
    if (next != reference)
      total *= __builtin_exp(static_cast<double>(reference) - static_cast<double>(next));
    reference = next;
    const size_t ahead = begin + 2 * block <= classes ? block : 0;
    total += static_cast<double>(sumExp<write>(row + begin, count, reference, ahead));
    if constexpr (write) references[begin / block] = reference;
  }
  return {reference, total};
}

LogSum logSum(const float* row, size_t classes, size_t absent) {
  return sumBlocks<false>(row, classes, absent, nullptr);
}

LogSum gradient(float* row, size_t classes, size_t absent, size_t target, float gradientScale,
                float zLoss) {
  float references[kMaxBlocks];
  const LogSum result = sumBlocks<true>(row, classes, absent, references);
  const size_t block = blockSize(classes);
  const double logSum = static_cast<double>(result.reference) + __builtin_log(result.sum);
  const double scale = static_cast<double>(gradientScale) *
                       (1 + 2 * static_cast<double>(zLoss) * logSum) / result.sum;
  for (size_t begin = 0; begin < classes; begin += block) {
    const size_t count = classes - begin < block ? classes - begin : block;
    const float reference = references[begin / block];
    const double correction =
        reference == result.reference
            ? 1.0
            : __builtin_exp(static_cast<double>(reference) - static_cast<double>(result.reference));
    const F32 factor = splat(static_cast<float>(scale * correction));
    float* x = row + begin;
    forEachVector(count,
                  [=](size_t i, auto lanes) { lanes.store(x + i, lanes.load(x + i) * factor); });
  }
  row[target] -= gradientScale;
  return result;
}

void softcap(const float* row, float* out, size_t classes, float cap) {
  const F32 factor = splat(cap), inverse = splat(1.0f / cap);
  forEachVector(classes, [=](size_t i, auto lanes) {
    lanes.store(out + i, tanh(lanes.load(row + i) * inverse) * factor);
  });
}

void softcapBackward(const float* capped, float* gradient, size_t classes, float cap) {
  const F32 inverse = splat(1.0f / cap), one = splat(1.0f);
  forEachVector(classes, [=](size_t i, auto lanes) {
    const F32 t = lanes.load(capped + i) * inverse;
    lanes.store(gradient + i, lanes.load(gradient + i) * fnma(t, t, one));
  });
}

}  // namespace

const CrossEntropyKernels crossEntropyKernels = {logSum, gradient, softcap, softcapBackward};

}  // namespace ane::ANE_ISA

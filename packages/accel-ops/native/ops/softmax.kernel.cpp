#include "ops/softmax.h"

#include "simd/lanes.h"
#include "simd/math.h"

namespace ane::ANE_ISA {
namespace {

// NaN may be passed over when the largest element is searched: its own exponential makes the sum
// NaN, and with it all.

// inner = 1: rows are contiguous. The room is filled up with -infinity to whole vectors.
template <class T, class Out>
void rows(const T* x, Out* out, size_t begin, size_t end, size_t axis, float* room) {
  const size_t whole = axis / kLanes * kLanes, padded = (axis + kLanes - 1) / kLanes * kLanes;
  for (size_t row = begin; row < end; ++row) {
    const T* const from = x + row * axis;
    F32 largest = splat(-__builtin_inff());
    if (whole < axis) {
      store(room + whole, largest);
      storePart(room + whole, loadPart(from + whole, axis - whole), axis - whole);
      largest = max(load(room + whole), largest);
    }
    for (size_t i = 0; i < whole; i += kLanes) {
      const F32 value = load(from + i);
      store(room + i, value);
      largest = max(value, largest);
    }
    const F32 shift = splat(maxLane(largest));
    F32 total = zero();
    for (size_t i = 0; i < padded; i += kLanes) {
      const F32 value = expBelow(load(room + i) - shift);
      store(room + i, value);
      total = total + value;
    }
    const F32 divisor = splat(sum(total));
    forEachVector(axis, [=](size_t i, auto lanes) {
      lanes.store(out + row * axis + i, load(room + i) / divisor);
    });
  }
}

// Columns side by side in lanes; the room holds the exponentials of a vector of columns after the
// other.
template <class T, class Out>
void columns(const Softmax& args, const T* x, Out* out, size_t begin, size_t end, size_t column,
             size_t columnEnd, float* room) {
  for (size_t row = begin; row < end; ++row) {
    const size_t first = row * args.axis * args.inner + column;
    forEachVector(columnEnd - column, [&](size_t j, auto lanes) {
      const T* const from = x + first + j;
      Out* const to = out + first + j;
      F32 largest = splat(-__builtin_inff()), total = zero();
      for (size_t i = 0; i < args.axis; ++i)
        largest = max(lanes.load(from + i * args.inner), largest);
      for (size_t i = 0; i < args.axis; ++i) {
        const F32 value = expBelow(lanes.load(from + i * args.inner) - largest);
        store(room + i * kLanes, value);
        total = total + value;
      }
      for (size_t i = 0; i < args.axis; ++i)
        lanes.store(to + i * args.inner, load(room + i * kLanes) / total);
    });
  }
}

template <class T, class Out>
void typed(const Softmax& args, const T* x, Out* out, size_t begin, size_t end, size_t column,
           size_t columnEnd, float* room) {
  if (args.inner == 1) {
    rows(x, out, begin, end, args.axis, room);
  } else {
    columns(args, x, out, begin, end, column, columnEnd, room);
  }
}

void part(const Softmax& a, size_t begin, size_t end, size_t column, size_t columnEnd,
          float* room) {
  const bool halfX = a.x.type == Element::fp16, halfOut = a.out.type == Element::fp16;
  if (halfX && halfOut)
    return typed(a, a.x.halves(), a.out.halves(), begin, end, column, columnEnd, room);
  if (halfX) return typed(a, a.x.halves(), a.out.floats(), begin, end, column, columnEnd, room);
  if (halfOut) return typed(a, a.x.floats(), a.out.halves(), begin, end, column, columnEnd, room);
  typed(a, a.x.floats(), a.out.floats(), begin, end, column, columnEnd, room);
}

}  // namespace

const SoftmaxKernels softmaxKernels = {part};

}  // namespace ane::ANE_ISA

#include "ops/reduce.h"

#include "simd/lanes.h"

namespace ane::ANE_ISA {
namespace {

struct Sum {
  static constexpr float start = 0;
  static F32 take(F32 total, F32 x) { return total + x; }
  static F32 join(F32 a, F32 b) { return a + b; }
};

struct SumSquare {
  static constexpr float start = 0;
  static F32 take(F32 total, F32 x) { return fma(x, x, total); }
  static F32 join(F32 a, F32 b) { return a + b; }
};

struct Max {
  static constexpr float start = -__builtin_inff();
  static F32 take(F32 total, F32 x) { return maxNan(x, total); }
  static F32 join(F32 a, F32 b) { return maxNan(a, b); }
};

struct Min {
  static constexpr float start = __builtin_inff();
  static F32 take(F32 total, F32 x) { return minNan(x, total); }
  static F32 join(F32 a, F32 b) { return minNan(a, b); }
};

// Independent totals per lane: additions need not wait for each other, and rounding errors grow
// more slowly.
constexpr size_t kTotals = 4;

template <class Op>
ANE_INLINE F32 joined(const F32 (&totals)[kTotals]) {
  return Op::join(Op::join(totals[0], totals[1]), Op::join(totals[2], totals[3]));
}

// Lanes are joined halves first until one is left.
template <class Op>
ANE_INLINE F32 acrossLanes(F32 total) {
  alignas(64) float lanes[kLanes];
  for (size_t half = kLanes / 2; half > 0; half /= 2) {
    store(lanes, total);
    total = Op::join(total, loadPart(lanes + half, half));
  }
  return total;
}

// inner = 1: a row is contiguous.
template <class Op, class T, class Out>
void rows(const T* x, Out* out, size_t begin, size_t end, size_t axis, float factor) {
  for (size_t row = begin; row < end; ++row) {
    const T* const from = x + row * axis;
    F32 totals[kTotals];
    for (F32& total : totals) total = splat(Op::start);
    size_t i = 0;
    for (; i + kTotals * kLanes <= axis; i += kTotals * kLanes) {
      for (size_t t = 0; t < kTotals; ++t)
        totals[t] = Op::take(totals[t], load(from + i + t * kLanes));
    }
    for (; i + kLanes <= axis; i += kLanes) totals[0] = Op::take(totals[0], load(from + i));
    F32 total = joined<Op>(totals);
    if (i < axis) {
      // The lanes beyond the row must not count.
      alignas(64) float rest[kLanes];
      for (float& lane : rest) lane = Op::start;
      storePart(rest, loadPart(from + i, axis - i), axis - i);
      total = Op::take(total, load(rest));
    }
    storePart(out + row, splat(factor) * acrossLanes<Op>(total), 1);
  }
}

// Columns side by side in lanes.
template <class Op, class T, class Out>
void columns(const Reduce& args, const T* x, Out* out, size_t begin, size_t end, size_t column,
             size_t columnEnd, float factor) {
  for (size_t row = begin; row < end; ++row) {
    const T* const from = x + row * args.axis * args.inner + column;
    forEachVector(columnEnd - column, [&](size_t j, auto lanes) {
      F32 totals[kTotals];
      for (F32& total : totals) total = splat(Op::start);
      size_t i = 0;
      for (; i + kTotals <= args.axis; i += kTotals) {
        for (size_t t = 0; t < kTotals; ++t)
          totals[t] = Op::take(totals[t], lanes.load(from + (i + t) * args.inner + j));
      }
      for (; i < args.axis; ++i)
        totals[0] = Op::take(totals[0], lanes.load(from + i * args.inner + j));
      lanes.store(out + row * args.inner + column + j, splat(factor) * joined<Op>(totals));
    });
  }
}

template <class Op, class T, class Out>
void typed(const Reduce& args, const T* x, Out* out, size_t begin, size_t end, size_t column,
           size_t columnEnd) {
  const float factor = args.op == Reduction::mean ? 1.0f / static_cast<float>(args.axis) : 1.0f;
  if (args.inner == 1) {
    rows<Op>(x, out, begin, end, args.axis, factor);
  } else {
    columns<Op>(args, x, out, begin, end, column, columnEnd, factor);
  }
}

template <class Op>
void byType(const Reduce& a, size_t begin, size_t end, size_t column, size_t columnEnd) {
  const bool halfX = a.x.type == Element::fp16, halfOut = a.out.type == Element::fp16;
  if (halfX && halfOut)
    return typed<Op>(a, a.x.halves(), a.out.halves(), begin, end, column, columnEnd);
  if (halfX) return typed<Op>(a, a.x.halves(), a.out.floats(), begin, end, column, columnEnd);
  if (halfOut) return typed<Op>(a, a.x.floats(), a.out.halves(), begin, end, column, columnEnd);
  typed<Op>(a, a.x.floats(), a.out.floats(), begin, end, column, columnEnd);
}

void part(const Reduce& args, size_t begin, size_t end, size_t column, size_t columnEnd) {
  switch (args.op) {
    case Reduction::max:
      return byType<Max>(args, begin, end, column, columnEnd);
    case Reduction::min:
      return byType<Min>(args, begin, end, column, columnEnd);
    case Reduction::sumSquare:
      return byType<SumSquare>(args, begin, end, column, columnEnd);
    default:
      return byType<Sum>(args, begin, end, column, columnEnd);
  }
}

}  // namespace

const ReduceKernels reduceKernels = {part};

}  // namespace ane::ANE_ISA

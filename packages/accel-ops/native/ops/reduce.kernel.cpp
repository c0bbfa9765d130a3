#include "ops/reduce.h"

#include "simd/lanes.h"

namespace ane::ANE_ISA {
namespace {

// What the reductions differ in: the first value, how an element joins, and how partial results join.
struct Sum {
  static float first() { return 0; }
  static F32 join(F32 part, F32 x) { return part + x; }
  static F32 combine(F32 a, F32 b) { return a + b; }
};
struct SumSquare {
  static float first() { return 0; }
  static F32 join(F32 part, F32 x) { return fma(x, x, part); }
  static F32 combine(F32 a, F32 b) { return a + b; }
};
struct Max {
  static float first() { return -__builtin_inff(); }
  static F32 join(F32 part, F32 x) { return maxNan(x, part); }
  static F32 combine(F32 a, F32 b) { return maxNan(b, a); }
};
struct Min {
  static float first() { return __builtin_inff(); }
  static F32 join(F32 part, F32 x) { return minNan(x, part); }
  static F32 combine(F32 a, F32 b) { return minNan(b, a); }
};

// Partial results side by side, so that an element need not wait for the one before it.
constexpr size_t kParts = 4;

template <class Operation>
F32 combineParts(const F32 (&parts)[kParts]) {
  return Operation::combine(Operation::combine(parts[0], parts[1]), Operation::combine(parts[2], parts[3]));
}

template <class Operation, class Source>
float reduceRow(const Source* x, size_t count) {
  F32 parts[kParts];
  for (F32& part : parts) part = splat(Operation::first());
  size_t i = 0;
  for (; i + kParts * kLanes <= count; i += kParts * kLanes) {
    for (size_t k = 0; k < kParts; ++k) parts[k] = Operation::join(parts[k], load(x + i + k * kLanes));
  }
  for (; i + kLanes <= count; i += kLanes) parts[0] = Operation::join(parts[0], load(x + i));
  // The rest and the lanes one by one: they are few, and a partial vector's zeros would be wrong for max and min.
  float rest[kLanes], lanes[kLanes];
  store(lanes, combineParts<Operation>(parts));
  float result = Operation::first();
  const auto add = [&](float part, bool element) {
    float joined[kLanes];
    store(joined, element ? Operation::join(splat(result), splat(part)) : Operation::combine(splat(result), splat(part)));
    result = joined[0];
  };
  for (size_t k = 0; k < kLanes; ++k) add(lanes[k], false);
  if (i < count) {
    store(rest, loadPart(x + i, count - i));
    for (size_t k = 0; k < count - i; ++k) add(rest[k], true);
  }
  return result;
}

template <class Operation, class Source>
void reduceColumns(const Source* x, float* out, size_t axis, size_t stride, size_t columns) {
  forEachVector(columns, [=](size_t column, auto lanes) {
    F32 parts[kParts];
    for (F32& part : parts) part = splat(Operation::first());
    size_t i = 0;
    for (; i + kParts <= axis; i += kParts) {
      for (size_t k = 0; k < kParts; ++k) {
        parts[k] = Operation::join(parts[k], lanes.load(x + (i + k) * stride + column));
      }
    }
    for (; i < axis; ++i) parts[0] = Operation::join(parts[0], lanes.load(x + i * stride + column));
    lanes.store(out + column, combineParts<Operation>(parts));
  });
}

// Calls f with an object of the operation's type.
template <class F>
void withOperation(Reduction operation, F f) {
  switch (operation) {
    case Reduction::sum:
    case Reduction::mean: return f(Sum{});
    case Reduction::sumSquare: return f(SumSquare{});
    case Reduction::max: return f(Max{});
    case Reduction::min: return f(Min{});
  }
}

void storeResults(const float* results, Reduction operation, size_t axis, Elements out, size_t count) {
  const F32 length = splat(static_cast<float>(axis));
  forEachVector(count, [=](size_t i, auto lanes) {
    F32 result = lanes.load(results + i);
    if (operation == Reduction::mean) result = result / length;
    if (out.type == Element::fp32) lanes.store(out.floats() + i, result);
    else lanes.store(out.halves() + i, result);
  });
}

void row(Reduction operation, Elements x, Elements out, size_t count) {
  float result = 0;
  withOperation(operation, [&]<class Operation>(Operation) {
    result = x.type == Element::fp32 ? reduceRow<Operation>(x.floats(), count) : reduceRow<Operation>(x.halves(), count);
  });
  storeResults(&result, operation, count, out, 1);
}

// Columns whose results wait on the stack for their rounding.
constexpr size_t kBlock = 64;

void columns(Reduction operation, Elements x, Elements out, size_t axis, size_t stride, size_t count) {
  float results[kBlock];
  for (size_t begin = 0; begin < count; begin += kBlock) {
    const size_t length = count - begin < kBlock ? count - begin : kBlock;
    const Elements from = x + static_cast<ptrdiff_t>(begin);
    withOperation(operation, [&]<class Operation>(Operation) {
      if (from.type == Element::fp32) reduceColumns<Operation>(from.floats(), results, axis, stride, length);
      else reduceColumns<Operation>(from.halves(), results, axis, stride, length);
    });
    storeResults(results, operation, axis, out + static_cast<ptrdiff_t>(begin), length);
  }
}

}  // namespace

const ReduceKernels reduceKernels = {row, columns};

}  // namespace ane::ANE_ISA

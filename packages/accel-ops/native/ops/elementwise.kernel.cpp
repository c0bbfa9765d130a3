#include "ops/elementwise.h"

#include "simd/math.h"

namespace ane::ANE_ISA {
namespace {

// — Memory —

template <class T>
void loadTyped(const T* from, ptrdiff_t stride, size_t count, float* to) {
  if (stride == 1) {
    size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) store(to + i, load(from + i));
    if (i < count) store(to + i, loadPart(from + i, count - i));
  } else if (stride == 0) {
    alignas(64) T lanes[kLanes];
    for (size_t i = 0; i < kLanes; ++i) lanes[i] = *from;
    const F32 value = load(lanes);
    for (size_t i = 0; i < count; i += kLanes) store(to + i, value);
  } else {
    alignas(64) T gathered[kBlock];
    for (size_t i = 0; i < count; ++i) gathered[i] = from[static_cast<ptrdiff_t>(i) * stride];
    loadTyped(gathered, 1, count, to);
  }
}

template <class T>
void storeTyped(const float* from, size_t count, T* to, ptrdiff_t stride) {
  if (stride == 1) {
    size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) store(to + i, load(from + i));
    if (i < count) storePart(to + i, load(from + i), count - i);
  } else {
    alignas(64) T scattered[kBlock];
    storeTyped(from, count, scattered, 1);
    for (size_t i = 0; i < count; ++i) to[static_cast<ptrdiff_t>(i) * stride] = scattered[i];
  }
}

// — Arithmetic —

// Rows one after the other, as one where they follow each other in memory. A row's last vector may
// reach into the next row's place, which is written later.
template <class T>
void loadRows(const T* from, const BlockOperand& operand, size_t rows, size_t columns, float* to) {
  const bool same = operand.stride == 0 && operand.rowStride == 0;
  if (same || (operand.stride == 1 && operand.rowStride == static_cast<ptrdiff_t>(columns))) {
    return loadTyped(from, operand.stride, rows * columns, to);
  }
  for (size_t row = 0; row < rows; ++row) {
    loadTyped(from + static_cast<ptrdiff_t>(row) * operand.rowStride, operand.stride, columns,
              to + row * columns);
  }
}

template <class T>
void storeRows(const float* from, const BlockOperand& operand, size_t rows, size_t columns, T* to) {
  if (operand.stride == 1 && operand.rowStride == static_cast<ptrdiff_t>(columns)) {
    return storeTyped(from, rows * columns, to, 1);
  }
  for (size_t row = 0; row < rows; ++row) {
    storeTyped(from + row * columns, columns, to + static_cast<ptrdiff_t>(row) * operand.rowStride,
               operand.stride);
  }
}

// The lanes beyond `count` of the last vector hold anything; nothing ever leaves them.
template <bool rounds, class Function>
ANE_INLINE void mapTyped(float* to, size_t count, Function function) {
  for (size_t i = 0; i < count; i += kLanes) {
    const F32 value = function(i);
    store(to + i, rounds ? roundToHalf(value) : value);
  }
}

template <class Function>
ANE_INLINE void map(const Instruction& in, float* to, size_t count, Function function) {
  if (in.rounds) {
    mapTyped<true>(to, count, function);
  } else {
    mapTyped<false>(to, count, function);
  }
}

template <class Function>
ANE_INLINE void unary(const Instruction& in, float* registers, size_t count, Function function) {
  const float* const a = registers + static_cast<size_t>(in.a) * kBlock;
  map(in, registers + static_cast<size_t>(in.target) * kBlock, count,
      [=](size_t i) { return function(load(a + i)); });
}

template <class Function>
ANE_INLINE void binary(const Instruction& in, float* registers, size_t count, Function function) {
  const float* const a = registers + static_cast<size_t>(in.a) * kBlock;
  const float* const b = registers + static_cast<size_t>(in.b) * kBlock;
  map(in, registers + static_cast<size_t>(in.target) * kBlock, count,
      [=](size_t i) { return function(load(a + i), load(b + i)); });
}

ANE_INLINE F32 truth(Mask m) { return select(m, splat(1.0f), zero()); }

// x^y by C's pow in double: exact enough, slow.
ANE_INLINE F32 generalPower(F32 x, F32 y) {
  float base[kLanes], exponent[kLanes];
  store(base, x);
  store(exponent, y);
  for (size_t i = 0; i < kLanes; ++i)
    base[i] = static_cast<float>(__builtin_pow(base[i], exponent[i]));
  return load(base);
}

void power(const Instruction& in, float* registers, size_t count) {
  const F32 one = splat(1.0f), infinity = splat(__builtin_inff());
  const float exponent = in.knownExponent ? in.value : __builtin_nanf("");
  if (exponent == 2.0f) return unary(in, registers, count, [](F32 x) { return x * x; });
  if (exponent == 1.0f) return unary(in, registers, count, [](F32 x) { return x; });
  if (exponent == -1.0f) return unary(in, registers, count, [=](F32 x) { return one / x; });
  // Unlike sqrt, pow gives +0 for -0 and infinity for -infinity.
  const auto root = [=](F32 x) {
    return select(x == zero() - infinity, infinity, sqrt(x + zero()));
  };
  if (exponent == 0.5f) return unary(in, registers, count, root);
  if (exponent == -0.5f) return unary(in, registers, count, [=](F32 x) { return one / root(x); });
  binary(in, registers, count, [](F32 x, F32 y) { return generalPower(x, y); });
}

// The condition is in the target.
void choose(const Instruction& in, float* registers, size_t count) {
  float* const target = registers + static_cast<size_t>(in.target) * kBlock;
  const float* const a = registers + static_cast<size_t>(in.a) * kBlock;
  const float* const b = registers + static_cast<size_t>(in.b) * kBlock;
  map(in, target, count,
      [=](size_t i) { return select(load(target + i) == zero(), load(b + i), load(a + i)); });
}

ANE_INLINE F32 signOf(F32 x) {
  return select(zero() < x, splat(1.0f), select(x < zero(), splat(-1.0f), x));
}

// x Phi(x) = x erfc(-x / sqrt(2)) / 2: exact in the left tail too.
ANE_INLINE F32 gelu(F32 x) { return splat(0.5f) * x * erfc(x * splat(-0.707106781f)); }

// (1 + tanh(u)) / 2 = sigmoid(2 u) with u = sqrt(2 / pi) (x + 0.044715 x^3).
ANE_INLINE F32 geluTanh(F32 x) {
  return x * sigmoid(splat(1.59576912f) * fma(splat(0.044715f) * x, x * x, x));
}

// — Program —

void loadInput(const Instruction& in, const BlockOperand& input, size_t rows, size_t columns,
               float* registers) {
  float* const to = registers + static_cast<size_t>(in.target) * kBlock;
  if (input.data.type == Element::fp16)
    return loadRows(input.data.halves(), input, rows, columns, to);
  loadRows(input.data.floats(), input, rows, columns, to);
  if (in.rounds) mapTyped<true>(to, rows * columns, [=](size_t i) { return load(to + i); });
}

void storeOutput(const Instruction& in, const BlockOperand& output, size_t rows, size_t columns,
                 const float* registers) {
  const float* const from = registers + static_cast<size_t>(in.a) * kBlock;
  if (output.data.type == Element::fp16)
    return storeRows(from, output, rows, columns, output.data.halves());
  storeRows(from, output, rows, columns, output.data.floats());
}

void execute(const Instruction& in, size_t n, float* r) {
  const F32 one = splat(1.0f);
  switch (in.opcode) {
    case Opcode::constant:
      return map(in, r + static_cast<size_t>(in.target) * kBlock, n,
                 [&](size_t) { return splat(in.value); });
    case Opcode::add:
      return binary(in, r, n, [](F32 a, F32 b) { return a + b; });
    case Opcode::sub:
      return binary(in, r, n, [](F32 a, F32 b) { return a - b; });
    case Opcode::mul:
      return binary(in, r, n, [](F32 a, F32 b) { return a * b; });
    case Opcode::div:
      return binary(in, r, n, [](F32 a, F32 b) { return a / b; });
    case Opcode::max:
      return binary(in, r, n, [](F32 a, F32 b) { return maxNan(a, b); });
    case Opcode::min:
      return binary(in, r, n, [](F32 a, F32 b) { return minNan(a, b); });
    case Opcode::pow:
      return power(in, r, n);
    case Opcode::equal:
      return binary(in, r, n, [](F32 a, F32 b) { return truth(a == b); });
    case Opcode::notEqual:
      return binary(in, r, n, [=](F32 a, F32 b) { return one - truth(a == b); });
    case Opcode::less:
      return binary(in, r, n, [](F32 a, F32 b) { return truth(a < b); });
    case Opcode::lessEqual:
      return binary(in, r, n, [](F32 a, F32 b) { return truth(a <= b); });
    case Opcode::greater:
      return binary(in, r, n, [](F32 a, F32 b) { return truth(b < a); });
    case Opcode::greaterEqual:
      return binary(in, r, n, [](F32 a, F32 b) { return truth(b <= a); });
    case Opcode::select:
      return choose(in, r, n);
    case Opcode::neg:
      return unary(in, r, n, [](F32 a) { return -a; });
    case Opcode::abs:
      return unary(in, r, n, [](F32 a) { return abs(a); });
    case Opcode::square:
      return unary(in, r, n, [](F32 a) { return a * a; });
    case Opcode::sqrt:
      return unary(in, r, n, [](F32 a) { return sqrt(a); });
    case Opcode::rsqrt:
      return unary(in, r, n, [=](F32 a) { return one / sqrt(a); });
    case Opcode::inverse:
      return unary(in, r, n, [=](F32 a) { return one / a; });
    case Opcode::exp:
      return unary(in, r, n, [](F32 a) { return exp(a); });
    case Opcode::log:
      return unary(in, r, n, [](F32 a) { return log(a); });
    case Opcode::sigmoid:
      return unary(in, r, n, [](F32 a) { return sigmoid(a); });
    case Opcode::silu:
      return unary(in, r, n, [](F32 a) { return a * sigmoid(a); });
    case Opcode::tanh:
      return unary(in, r, n, [](F32 a) { return tanh(a); });
    case Opcode::erf:
      return unary(in, r, n, [](F32 a) { return erf(a); });
    case Opcode::relu:
      return unary(in, r, n, [](F32 a) { return maxNan(a, zero()); });
    case Opcode::gelu:
      return unary(in, r, n, [](F32 a) { return gelu(a); });
    case Opcode::geluTanh:
      return unary(in, r, n, [](F32 a) { return geluTanh(a); });
    case Opcode::geluSigmoid:
      return unary(in, r, n, [](F32 a) { return a * sigmoid(splat(1.702f) * a); });
    case Opcode::floor:
      return unary(in, r, n, [](F32 a) { return floor(a); });
    case Opcode::ceil:
      return unary(in, r, n, [](F32 a) { return ceil(a); });
    case Opcode::round:
      return unary(in, r, n, [](F32 a) { return roundEven(a); });
    case Opcode::sign:
      return unary(in, r, n, [](F32 a) { return signOf(a); });
    default:
      return;  // load and store are not arithmetic
  }
}

void run(const Instruction* program, size_t length, const BlockOperand* inputs,
         const BlockOperand* outputs, size_t rows, size_t columns, float* registers) {
  for (size_t i = 0; i < length; ++i) {
    const Instruction& in = program[i];
    if (in.opcode == Opcode::load) {
      loadInput(in, inputs[in.a], rows, columns, registers);
    } else if (in.opcode == Opcode::store) {
      storeOutput(in, outputs[in.target], rows, columns, registers);
    } else {
      execute(in, rows * columns, registers);
    }
  }
}

}  // namespace

const ElementwiseKernels elementwiseKernels = {run};

}  // namespace ane::ANE_ISA

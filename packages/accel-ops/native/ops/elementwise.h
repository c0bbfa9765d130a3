// A program of vector instructions over the elements of strided arrays, run block by block with all intermediate
// results in the first-level cache.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/dispatch.h"
#include "core/element.h"

namespace ane {

// The values are part of the interface of the package (src/elementwise-code.ts); the comment is what an instruction
// [opcode, target, a, b] does, r being registers.
enum class Opcode : int32_t {
  load,      // r[target] = input a
  constant,  // r[target] = constants[a]
  store,     // output target = r[a]
  add,       // r[target] = r[a] + r[b], and so on
  sub,
  mul,
  div,
  max,
  min,
  pow,
  equal,  // 1 or 0, and so on
  notEqual,
  less,
  lessEqual,
  greater,
  greaterEqual,
  select,  // r[target] = r[target] != 0 ? r[a] : r[b]
  neg,     // r[target] = -r[a], and so on
  abs,
  square,
  sqrt,
  rsqrt,
  inverse,
  exp,
  log,
  sigmoid,
  silu,
  tanh,
  erf,
  relu,
  gelu,         // x Phi(x)
  geluTanh,     // with tanh(sqrt(2/pi) (x + 0.044715 x^3))
  geluSigmoid,  // x sigmoid(1.702 x)
  floor,
  ceil,
  round,  // to nearest even
  sign,
  count,
};

// Added to an opcode: the result keeps its fp32 precision though the program rounds to fp16.
constexpr int32_t kUnrounded = 0x100;

constexpr size_t kMaxRegisters = 32;
constexpr size_t kMaxDims = 4;

struct Instruction {
  Opcode opcode;
  bool rounds;
  int32_t target, a, b;
  float value = 0;  // of `constant`; of the exponent of `pow`, if it is known
  bool knownExponent = false;
};

// `strides` in elements, one per dim; 0 repeats.
struct Operand {
  Elements data;
  ptrdiff_t strides[kMaxDims];
};

struct Elementwise {
  size_t rank;
  size_t shape[kMaxDims];
  const Operand* operands;  // inputs, then outputs
  size_t inputs, outputs;
  // Rows of four: opcode, target, a, b.
  const int32_t* code;
  size_t instructions;
  const float* constants;
  bool roundHalf;
};

// Elements of one operand along the innermost dim.
struct BlockOperand {
  Elements data;
  ptrdiff_t stride;
};

// Elements of a block: a register of it is 2 KiB.
constexpr size_t kBlock = 512;

struct ElementwiseKernels {
  // Runs the program on `count` <= kBlock elements; registers are kBlock floats each.
  void (*run)(const Instruction* program, size_t length, const BlockOperand* inputs, const BlockOperand* outputs,
              size_t count, float* registers);
};
ANE_KERNEL_TABLE(ElementwiseKernels, elementwiseKernels)

// The arguments are valid (registers are written before they are read, indices are in range).
void elementwise(const Elementwise& args);

}  // namespace ane

// A program of vector instructions over the elements of strided arrays, run block by block with all
// intermediate results in the first-level cache.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "core/dispatch.h"
#include "core/element.h"
#include "core/loop_nest.h"

namespace ane {

// The values are part of the interface of the package (src/elementwise-code.ts); the comment is
// what an instruction [opcode, target, a, b] does, r being registers.
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

// One operand along the two innermost dims.
struct BlockOperand {
  Elements data;
  ptrdiff_t rowStride, stride;
};

// Elements of a block: a register of it is 2 KiB.
constexpr size_t kBlock = 512;
// Lanes of the widest vectors: the last row of a block is read in whole vectors.
constexpr size_t kWidestVector = 16;

struct ElementwiseKernels {
  // Runs the program on rows x columns elements, which with the last row rounded up to whole
  // vectors are at most kBlock; registers are kBlock floats each.
  void (*run)(const Instruction* program, size_t length, const BlockOperand* inputs,
              const BlockOperand* outputs, size_t rows, size_t columns, float* registers);
};
ANE_KERNEL_TABLE(ElementwiseKernels, elementwiseKernels)

// A program made ready for one loop nest, to run on any memory.
class ElementwisePass {
 public:
  // The arguments are valid (registers are written before they are read, indices are in range). The
  // data of the operands is not used. With `ordered` the loops stay as they are; otherwise they
  // take the order of the memory.
  explicit ElementwisePass(const Elementwise& args, bool ordered = false);

  // With all threads. `operands` are inputs, then outputs.
  void run(const Elements* operands) const;

  // In the calling thread, of row r (the loop around the innermost one) the first limits[r]
  // elements; all without limits.
  void runHere(const Elements* operands, const int* limits = nullptr) const;

  // Zero in the elements of each row from its limit on; the operand has stride 1 in the innermost
  // loop.
  void clearBeyond(const int* limits, size_t operand, Elements data) const;

 private:
  std::vector<Instruction> program_;
  LoopNest nest_;
  size_t inputs_, columns_, rows_;
};

void elementwise(const Elementwise& args);

}  // namespace ane

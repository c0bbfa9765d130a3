#include "ops/elementwise.h"

#include <algorithm>
#include <vector>

#include "core/loop_nest.h"
#include "core/thread_pool.h"
#include "ops/convert.h"

namespace ane {
namespace {

// Element-instructions of a chunk of parallel work: some tens of microseconds.
constexpr size_t kChunkWork = 1u << 18;

float roundedToHalf(float value) {
  uint16_t half;
  convertKernels().toHalf(&value, &half, 1);
  convertKernels().toFloat(&half, &value, 1);
  return value;
}

std::vector<Instruction> decode(const Elementwise& args) {
  std::vector<Instruction> program(args.instructions);
  // Which constant a register holds; null where the elements differ.
  const Instruction* constants[kMaxRegisters] = {};
  for (size_t i = 0; i < args.instructions; ++i) {
    const int32_t* const row = args.code + 4 * i;
    Instruction& in = program[i];
    in.opcode = static_cast<Opcode>(row[0] & ~kUnrounded);
    in.rounds = args.roundHalf && !(row[0] & kUnrounded);
    in.target = row[1];
    in.a = row[2];
    in.b = row[3];
    if (in.opcode == Opcode::constant) {
      in.value = in.rounds ? roundedToHalf(args.constants[in.a]) : args.constants[in.a];
    }
    if (in.opcode == Opcode::pow && constants[in.b]) {
      in.knownExponent = true;
      in.value = constants[in.b]->value;
    }
    if (in.opcode != Opcode::store) constants[in.target] = in.opcode == Opcode::constant ? &in : nullptr;
  }
  return program;
}

LoopNest loops(const Elementwise& args) {
  LoopNest nest;
  nest.dims.assign(args.shape, args.shape + args.rank);
  for (size_t i = 0; i < args.inputs + args.outputs; ++i) {
    nest.strides.emplace_back(args.operands[i].strides, args.operands[i].strides + args.rank);
  }
  nest.simplify(args.inputs);
  return nest;
}

}  // namespace

void elementwise(const Elementwise& args) {
  const size_t operands = args.inputs + args.outputs;
  const std::vector<Instruction> program = decode(args);
  const LoopNest nest = loops(args);
  const size_t inner = nest.dims.back(), blocksPerRow = (inner + kBlock - 1) / kBlock;
  const size_t blocks = nest.outerSteps(1) * blocksPerRow;
  const size_t grain = std::max<size_t>(kChunkWork / (std::min(inner, kBlock) * program.size()), 1);

  parallelRange(blocks, grain, [&](size_t begin, size_t end) {
    alignas(64) float registers[kMaxRegisters * kBlock];
    std::vector<BlockOperand> block(operands);
    std::vector<ptrdiff_t> offsets(operands);
    for (size_t b = begin; b < end; ++b) {
      const size_t row = b / blocksPerRow, first = b % blocksPerRow * kBlock;
      if (b == begin || first == 0) nest.offsets(row, 1, offsets.data());
      for (size_t i = 0; i < operands; ++i) {
        const ptrdiff_t stride = nest.strides[i].back();
        block[i] = {args.operands[i].data + (offsets[i] + static_cast<ptrdiff_t>(first) * stride), stride};
      }
      elementwiseKernels().run(program.data(), program.size(), block.data(), block.data() + args.inputs,
                               std::min(kBlock, inner - first), registers);
    }
  });
}

}  // namespace ane

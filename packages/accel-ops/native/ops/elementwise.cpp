#include "ops/elementwise.h"

#include <algorithm>
#include <cstring>
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
    if (in.opcode != Opcode::store)
      constants[in.target] = in.opcode == Opcode::constant ? &in : nullptr;
  }
  return program;
}

LoopNest loops(const Elementwise& args, bool ordered) {
  LoopNest nest;
  nest.dims.assign(args.shape, args.shape + args.rank);
  for (size_t i = 0; i < args.inputs + args.outputs; ++i) {
    nest.strides.emplace_back(args.operands[i].strides, args.operands[i].strides + args.rank);
  }
  if (!ordered) nest.simplify(args.inputs);
  return nest;
}

// Rows of a block whose last row is read in whole vectors.
size_t rowsPerBlock(size_t columns) {
  const size_t last = (columns + kWidestVector - 1) / kWidestVector * kWidestVector;
  return last >= kBlock ? 1 : (kBlock - last) / columns + 1;
}

// The two innermost loops, in blocks that fit the registers of one thread.
class Planes {
 public:
  Planes(const std::vector<Instruction>& program, const LoopNest& nest, size_t inputs,
         const Elements* operands)
      : program_(program),
        nest_(nest),
        inputs_(inputs),
        operands_(operands),
        block_(nest.strides.size()),
        offsets_(nest.strides.size()) {}

  void enter(size_t plane) { nest_.offsets(plane, 2, offsets_.data()); }

  void run(size_t row, size_t rows, size_t column, size_t columns) {
    for (size_t i = 0; i < block_.size(); ++i) {
      const ptrdiff_t stride = nest_.strides[i].back(), rowStride = rowStrideOf(i);
      const ptrdiff_t at = offsets_[i] + static_cast<ptrdiff_t>(row) * rowStride +
                           static_cast<ptrdiff_t>(column) * stride;
      block_[i] = {operands_[i] + at, rowStride, stride};
    }
    elementwiseKernels().run(program_.data(), program_.size(), block_.data(),
                             block_.data() + inputs_, rows, columns, registers_);
  }

 private:
  ptrdiff_t rowStrideOf(size_t operand) const {
    const std::vector<ptrdiff_t>& strides = nest_.strides[operand];
    return strides.size() > 1 ? strides.end()[-2] : 0;
  }

  const std::vector<Instruction>& program_;
  const LoopNest& nest_;
  const size_t inputs_;
  const Elements* const operands_;
  std::vector<BlockOperand> block_;
  std::vector<ptrdiff_t> offsets_;
  alignas(64) float registers_[kMaxRegisters * kBlock];
};

}  // namespace

ElementwisePass::ElementwisePass(const Elementwise& args, bool ordered)
    : program_(decode(args)),
      nest_(loops(args, ordered)),
      inputs_(args.inputs),
      columns_(nest_.dims.back()),
      rows_(nest_.dims.size() > 1 ? nest_.dims.end()[-2] : 1) {}

void ElementwisePass::run(const Elements* operands) const {
  const size_t width = std::min(columns_, kBlock), height = rowsPerBlock(width);
  const size_t across = (columns_ + width - 1) / width, down = (rows_ + height - 1) / height;
  const size_t grain = std::max<size_t>(kChunkWork / (height * width * program_.size()), 1);
  parallelRange(nest_.outerSteps(2) * down * across, grain, [&](size_t begin, size_t end) {
    Planes planes(program_, nest_, inputs_, operands);
    for (size_t block = begin; block < end; ++block) {
      const size_t column = block % across * width, row = block / across % down * height;
      if (block == begin || (column == 0 && row == 0)) planes.enter(block / across / down);
      planes.run(row, std::min(height, rows_ - row), column, std::min(width, columns_ - column));
    }
  });
}

void ElementwisePass::runHere(const Elements* operands, const int* limits) const {
  Planes planes(program_, nest_, inputs_, operands);
  for (size_t plane = 0; plane < nest_.outerSteps(2); ++plane) {
    planes.enter(plane);
    for (size_t row = 0, rows; row < rows_; row += rows) {
      const size_t columns = limits ? static_cast<size_t>(limits[row]) : columns_;
      const size_t width = std::min(columns, kBlock), height = rowsPerBlock(width);
      // Rows with the same limit.
      rows = 1;
      while (rows < height && row + rows < rows_ && (!limits || limits[row + rows] == limits[row]))
        ++rows;
      for (size_t column = 0; column < columns; column += width) {
        planes.run(row, rows, column, std::min(width, columns - column));
      }
    }
  }
}

void ElementwisePass::clearBeyond(const int* limits, size_t operand, Elements data) const {
  std::vector<ptrdiff_t> offsets(nest_.strides.size());
  for (size_t row = 0; row < nest_.outerSteps(1); ++row) {
    const auto limit = static_cast<size_t>(limits[row % rows_]);
    if (limit == columns_) continue;
    nest_.offsets(row, 1, offsets.data());
    const Elements rest = data + (offsets[operand] + static_cast<ptrdiff_t>(limit));
    std::memset(rest.data, 0, (columns_ - limit) * rest.elementSize());
  }
}

void elementwise(const Elementwise& args) {
  std::vector<Elements> operands(args.inputs + args.outputs);
  for (size_t i = 0; i < operands.size(); ++i) operands[i] = args.operands[i].data;
  ElementwisePass(args).run(operands.data());
}

}  // namespace ane

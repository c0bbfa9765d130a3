#include "program/steps.h"

#include <algorithm>
#include <cstring>

#include "core/thread_pool.h"
#include "core/workspace.h"
#include "program/product_here.h"

namespace ane {

// — Products —

ProductStep::ProductStep(const GemmProblem& problem, const Place& a, const Place& b, const Place& c,
                         Stairs stairs)
    : problem_(problem), a_(a), b_(b), c_(c), stairs_(stairs) {
  const bool rowMajor = problem.c.columnStride == 1 || problem.n == 1;
  if (rowMajor && !(problem.c.rowStride == 1 && problem.m > problem.n)) return;
  problem_ = problem.transposed();
  std::swap(a_, b_);
  stairs_ = transposed(stairs);
}

GemmProblem ProductStep::on(const Frame& frame) const {
  GemmProblem problem = problem_;
  problem.a.data = a_.in(frame);
  problem.b.data = b_.in(frame);
  problem.c.data = c_.in(frame);
  return problem;
}

void ProductStep::run(const Frame& frame) const { gemm(on(frame)); }

void ProductStep::runHere(Frame& frame) const {
  multiplyHere(on(frame), frame.limits ? stairs_ : Stairs::none, frame.limits);
}

// — Elementwise —

ElementwiseStep::ElementwiseStep(const Elementwise& args, std::vector<Place> places, bool stairs)
    : pass_(args, stairs), places_(std::move(places)), inputs_(args.inputs), stairs_(stairs) {}

std::vector<Elements> ElementwiseStep::on(const Frame& frame) const {
  std::vector<Elements> operands;
  operands.reserve(places_.size());
  for (const Place& place : places_) operands.push_back(place.in(frame));
  return operands;
}

void ElementwiseStep::run(const Frame& frame) const { pass_.run(on(frame).data()); }

void ElementwiseStep::runHere(Frame& frame) const {
  const std::vector<Elements> operands = on(frame);
  const int* const limits = stairs_ ? frame.limits : nullptr;
  pass_.runHere(operands.data(), limits);
  if (limits) {
    for (size_t i = inputs_; i < operands.size(); ++i) pass_.clearBeyond(limits, i, operands[i]);
  }
}

// — Softmax —

SoftmaxStep::SoftmaxStep(const Softmax& args, const Place& x, const Place& out, bool stairs)
    : args_(args), x_(x), out_(out), stairs_(stairs) {}

Softmax SoftmaxStep::on(const Frame& frame) const {
  Softmax args = args_;
  args.x = x_.in(frame);
  args.out = out_.in(frame);
  return args;
}

void SoftmaxStep::run(const Frame& frame) const { softmax(on(frame)); }

void SoftmaxStep::runHere(Frame& frame) const {
  const Softmax args = on(frame);
  thread_local Workspace room;
  room.reserve(kRoomPerElement * (args.axis + 1) * sizeof(float));
  if (!stairs_ || !frame.limits) {
    return softmaxKernels().part(args, 0, args.outer, 0, args.inner, room.floats());
  }
  for (size_t row = 0; row < args.outer; ++row) {
    const auto limit = static_cast<size_t>(frame.limits[row]);
    const auto at = static_cast<ptrdiff_t>(row * args.axis);
    const Elements out = args.out + at;
    softmaxKernels().part({1, limit, 1, args.x + at, out}, 0, 1, 0, 1, room.floats());
    const Elements rest = out + static_cast<ptrdiff_t>(limit);
    std::memset(rest.data, 0, (args.axis - limit) * rest.elementSize());
  }
}

// — Reductions —

ReduceStep::ReduceStep(const Reduce& args, const Place& x, const Place& out, bool stairs)
    : args_(args), x_(x), out_(out), stairs_(stairs) {}

Reduce ReduceStep::on(const Frame& frame) const {
  Reduce args = args_;
  args.x = x_.in(frame);
  args.out = out_.in(frame);
  return args;
}

// What is left out is zero. Sums over rows of these lengths are the same bits with and without a
// tail of zeros, because the kernels add whole groups of vectors.
constexpr int kSumGrain = 64;

void ReduceStep::run(const Frame& frame) const { reduce(on(frame)); }

void ReduceStep::runHere(Frame& frame) const {
  const Reduce args = on(frame);
  if (!stairs_ || !frame.limits) {
    return reduceKernels().part(args, 0, args.outer, 0, args.inner);
  }
  for (size_t row = 0; row < args.outer; ++row) {
    const auto limit = std::min(
        static_cast<size_t>(frame.limits[row] + kSumGrain - 1) / kSumGrain * kSumGrain, args.axis);
    const auto index = static_cast<ptrdiff_t>(row);
    const Elements x = args.x + index * static_cast<ptrdiff_t>(args.axis);
    reduceKernels().part({args.op, 1, limit, 1, x, args.out + index}, 0, 1, 0, 1);
  }
}

// — Copies —

CopyStep::CopyStep(const CopyStrided& args, const Place& from, const Place& to)
    : args_(args), from_(from), to_(to) {}

void CopyStep::run(const Frame& frame) const {
  CopyStrided args = args_;
  args.src = from_.in(frame);
  args.dst = to_.in(frame);
  copyStrided(args);
}

void CopyStep::runHere(Frame& frame) const { run(frame); }

// — Guards —

void GuardStep::runHere(Frame& frame) const {
  const auto holds = [&](const Guard& guard) { return guard.holds(frame); };
  frame.limits = std::all_of(guards_.begin(), guards_.end(), holds) ? limits_.data() : nullptr;
}

// — Loops —

void LoopStep::run(const Frame& frame) const {
  size_t entries = 1;
  for (const size_t size : parts_.sizes) entries *= size;
  parallelFor(entries, [&](size_t entry) { runEntry(frame, entry); });
}

void LoopStep::runHere(Frame& frame) const { run(frame); }

void LoopStep::runEntry(const Frame& outer, size_t entry) const {
  thread_local Workspace room;
  thread_local std::vector<Elements> buffers;
  buffers.assign(outer.buffers, outer.buffers + parts_.buffers);
  char* const memory = reinterpret_cast<char*>(room.reserve(parts_.privateBytes));
  for (const PrivateBuffer& own : parts_.privates)
    buffers[own.buffer] = {memory + own.byteOffset, own.type};
  Frame frame = {buffers.data(), {}, nullptr};
  for (size_t loop = parts_.sizes.size(); loop-- > 0; entry /= parts_.sizes[loop]) {
    frame.entry[loop] = entry % parts_.sizes[loop];
  }
  for (const auto& step : parts_.body) step->runHere(frame);
}

}  // namespace ane

#include "program/program.h"

#include <stdexcept>

#include "program/steps.h"

namespace ane {
namespace {

enum Kind { kGemm, kElementwise, kSoftmax, kReduce, kCopy, kGuard, kLoop };

// Reads the numbers one after the other, in the order in which src/program/encode-program.ts writes
// them.
class Decoder {
 public:
  Decoder(const double* numbers, size_t length) : next_(numbers), end_(numbers + length) {}

  size_t size() { return static_cast<size_t>(number()); }

  std::vector<std::unique_ptr<Step>> steps(size_t buffers) {
    std::vector<std::unique_ptr<Step>> all(size());
    for (auto& one : all) one = step(buffers);
    return all;
  }

 private:
  double number() {
    if (next_ == end_) throw std::runtime_error("program: must be complete, got a part of it.");
    return *next_++;
  }

  ptrdiff_t offset() { return static_cast<ptrdiff_t>(number()); }
  bool flag() { return number() != 0; }

  Place place() {
    Place place;
    place.buffer = size();
    place.offset = offset();
    for (ptrdiff_t& stride : place.loopStrides) stride = offset();
    return place;
  }

  std::unique_ptr<Step> step(size_t buffers) {
    switch (static_cast<Kind>(size())) {
      case kGemm:
        return product();
      case kElementwise:
        return elementwise();
      case kSoftmax:
        return softmax();
      case kReduce:
        return reduce();
      case kCopy:
        return copy();
      case kGuard:
        return guards();
      default:
        return loop(buffers);
    }
  }

  Matrix matrix(Place& place) {
    place = this->place();
    const ptrdiff_t row = offset(), column = offset();
    return {{}, row, column, offset()};
  }

  std::unique_ptr<Step> product() {
    GemmProblem problem = {};
    problem.m = size();
    problem.n = size();
    problem.k = size();
    problem.count = size();
    Place a, b, c;
    problem.a = matrix(a);
    problem.b = matrix(b);
    problem.c = matrix(c);
    problem.alpha = 1;
    problem.beta = static_cast<float>(number());
    return std::make_unique<ProductStep>(problem, a, b, c, static_cast<Stairs>(size()));
  }

  std::unique_ptr<Step> elementwise() {
    Elementwise args = {};
    args.rank = size();
    for (size_t d = 0; d < args.rank; ++d) args.shape[d] = size();
    args.inputs = size();
    args.outputs = size();
    std::vector<Operand> operands(args.inputs + args.outputs);
    std::vector<Place> places(operands.size());
    for (size_t i = 0; i < operands.size(); ++i) {
      places[i] = place();
      for (size_t d = 0; d < args.rank; ++d) operands[i].strides[d] = offset();
    }
    std::vector<int32_t> code(size());
    for (int32_t& word : code) word = static_cast<int32_t>(number());
    std::vector<float> constants(size());
    for (float& constant : constants) constant = static_cast<float>(number());
    args.operands = operands.data();
    args.code = code.data();
    args.instructions = code.size() / 4;
    args.constants = constants.data();
    args.roundHalf = flag();
    return std::make_unique<ElementwiseStep>(args, std::move(places), flag());
  }

  std::unique_ptr<Step> softmax() {
    Softmax args = {};
    args.outer = size();
    args.axis = size();
    args.inner = size();
    const Place x = place(), out = place();
    return std::make_unique<SoftmaxStep>(args, x, out, flag());
  }

  std::unique_ptr<Step> reduce() {
    Reduce args = {};
    args.op = static_cast<Reduction>(size());
    args.outer = size();
    args.axis = size();
    args.inner = size();
    const Place x = place(), out = place();
    return std::make_unique<ReduceStep>(args, x, out, flag());
  }

  std::unique_ptr<Step> copy() {
    CopyStrided args = {};
    args.rank = size();
    for (size_t d = 0; d < args.rank; ++d) args.shape[d] = size();
    const Place from = place();
    for (size_t d = 0; d < args.rank; ++d) args.srcStrides[d] = offset();
    const Place to = place();
    for (size_t d = 0; d < args.rank; ++d) args.dstStrides[d] = offset();
    return std::make_unique<CopyStep>(args, from, to);
  }

  GuardedMatrix guarded() {
    GuardedMatrix m;
    m.place = place();
    m.rows = size();
    m.columns = size();
    m.rowStride = offset();
    m.columnStride = offset();
    return m;
  }

  std::unique_ptr<Step> guards() {
    std::vector<int> limits(size());
    for (int& limit : limits) limit = static_cast<int>(number());
    std::vector<Guard> guards(size());
    for (Guard& guard : guards) {
      guard.kind = static_cast<Guard::Kind>(size());
      guard.a = guarded();
      if (guard.kind != Guard::bounded) continue;
      guard.b = guarded();
      guard.bound = static_cast<float>(number());
    }
    return std::make_unique<GuardStep>(std::move(limits), std::move(guards));
  }

  std::unique_ptr<Step> loop(size_t buffers) {
    LoopStep::Parts parts;
    parts.buffers = buffers;
    parts.sizes.resize(size());
    for (size_t& loopSize : parts.sizes) loopSize = size();
    parts.privateBytes = size();
    parts.privates.resize(size());
    for (PrivateBuffer& own : parts.privates) {
      own.buffer = size();
      own.byteOffset = size();
      own.type = static_cast<Element>(size());
    }
    parts.body = steps(buffers);
    return std::make_unique<LoopStep>(std::move(parts));
  }

  const double* next_;
  const double* const end_;
};

}  // namespace

Program::Program(const double* numbers, size_t length) {
  Decoder decoder(numbers, length);
  buffers_ = decoder.size();
  used_.resize(decoder.size());
  for (size_t& buffer : used_) buffer = decoder.size();
  steps_ = decoder.steps(buffers_);
}

void Program::run(const Elements* buffers) const {
  const Frame frame = {buffers, {}, nullptr};
  for (const auto& step : steps_) step->run(frame);
}

}  // namespace ane

// The operations that a program is made of. Each takes the description of an operation whose memory
// is left open, and the places of its operands.
#pragma once

#include <memory>
#include <vector>

#include "gemm/gemm.h"
#include "ops/copy_strided.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/softmax.h"
#include "program/guard.h"
#include "program/stairs.h"
#include "program/step.h"

namespace ane {

class ProductStep final : public Step {
 public:
  ProductStep(const GemmProblem& problem, const Place& a, const Place& b, const Place& c,
              Stairs stairs);
  void run(const Frame& frame) const override;
  void runHere(Frame& frame) const override;

 private:
  GemmProblem on(const Frame& frame) const;

  GemmProblem problem_;
  Place a_, b_, c_;
  Stairs stairs_;
};

class ElementwiseStep final : public Step {
 public:
  // `places` are inputs, then outputs. With stairs the last two loops are rows and columns;
  // outputs, whose columns are neighbours, become zero beyond the limits.
  ElementwiseStep(const Elementwise& args, std::vector<Place> places, bool stairs);
  void run(const Frame& frame) const override;
  void runHere(Frame& frame) const override;

 private:
  std::vector<Elements> on(const Frame& frame) const;

  ElementwisePass pass_;
  std::vector<Place> places_;
  size_t inputs_;
  bool stairs_;
};

// With stairs, what lies beyond the limit of a row counts for nothing, and becomes zero.
class SoftmaxStep final : public Step {
 public:
  SoftmaxStep(const Softmax& args, const Place& x, const Place& out, bool stairs);
  void run(const Frame& frame) const override;
  void runHere(Frame& frame) const override;

 private:
  Softmax on(const Frame& frame) const;

  Softmax args_;
  Place x_, out_;
  bool stairs_;
};

// With stairs, what lies beyond the limit of a row is zero, and most of it is left out.
class ReduceStep final : public Step {
 public:
  ReduceStep(const Reduce& args, const Place& x, const Place& out, bool stairs);
  void run(const Frame& frame) const override;
  void runHere(Frame& frame) const override;

 private:
  Reduce on(const Frame& frame) const;

  Reduce args_;
  Place x_, out_;
  bool stairs_;
};

// Outside of loops only.
class CopyStep final : public Step {
 public:
  CopyStep(const CopyStrided& args, const Place& from, const Place& to);
  void run(const Frame& frame) const override;
  void runHere(Frame& frame) const override;

 private:
  CopyStrided args_;
  Place from_, to_;
};

// Sets the limits of the entry's later steps, if all guards hold. In loops only.
class GuardStep final : public Step {
 public:
  GuardStep(std::vector<int> limits, std::vector<Guard> guards)
      : limits_(std::move(limits)), guards_(std::move(guards)) {}
  void run(const Frame&) const override {}
  void runHere(Frame& frame) const override;

 private:
  std::vector<int> limits_;
  std::vector<Guard> guards_;
};

// Memory that every thread has for itself: what one entry of a loop hands from step to step.
struct PrivateBuffer {
  size_t buffer, byteOffset;
  Element type;
};

// Runs its steps for every entry, entries beside each other on the threads, the steps of one entry
// in one thread.
class LoopStep final : public Step {
 public:
  struct Parts {
    std::vector<size_t> sizes;  // of the loops, outermost first; at most kMaxLoops
    std::vector<std::unique_ptr<Step>> body;
    std::vector<PrivateBuffer> privates;
    size_t buffers, privateBytes;
  };
  explicit LoopStep(Parts parts) : parts_(std::move(parts)) {}
  void run(const Frame& frame) const override;
  void runHere(Frame& frame) const override;

 private:
  void runEntry(const Frame& outer, size_t entry) const;

  Parts parts_;
};

}  // namespace ane

// The packed, cache- and register-blocked matrix product.
//
// One operand is packed as a whole and shared by all threads, the other one block by block by the
// thread that multiplies the block. Each element of C is a sum over k in increasing order, cut at
// places that depend on k alone: the result is the same whatever the number of threads and whoever
// computes which block.
#pragma once

#include "core/workspace.h"
#include "gemm/gemm.h"
#include "gemm/kernels.h"

namespace ane {

class PackedGemm final : public PhasedWork {
 public:
  // `problem` has columnStride 1 in C, k > 0 and nothing that is empty.
  explicit PackedGemm(const GemmProblem& problem);

  // Two phases for each step over batch and depth: pack the shared operand, multiply.
  size_t phases() const override { return 2 * batchSteps_ * depthSteps_; }
  size_t chunks(size_t phase) const override;
  void run(size_t phase, size_t chunk) override;

 private:
  struct Step {
    size_t batch, batches;  // of C; the shared operand is packed once when its batchStride is 0
    size_t depth, depths;
  };
  Step step(size_t phase) const;
  void packShared(const Step& step, size_t chunk);
  void multiply(const Step& step, size_t chunk);
  float* sharedPanels(size_t entry) const;
  size_t elements(size_t depth) const;

  GemmProblem problem_;
  const GemmKernels& kernels_;
  bool shareA_, sharedOnce_;
  Matrix shared_, own_;            // as rows x depth
  size_t sharedRows_, ownRows_;    // extents of the two operands: m and n, or n and m
  size_t panelRows_;               // panel width of A
  size_t sharedPanel_, ownPanel_;  // panel widths
  size_t depthStep_, depthSteps_;
  size_t batchStep_, batchSteps_;
  size_t blockDepth_;  // a sum is added to C after so many terms
  size_t blockRows_;   // rows of the own operand in a chunk of a multiplication phase
  size_t sliceDepth_;  // depth of the shared operand in a chunk of a packing phase
  Workspace packed_;
};

}  // namespace ane

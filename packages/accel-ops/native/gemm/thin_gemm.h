// Matrix products with few columns, such as inference with a small batch: the large operand is read
// once, from memory straight into the multiply-adds.
#pragma once

#include "core/workspace.h"
#include "gemm/gemm.h"

namespace ane {

class ThinGemm final : public PhasedWork {
 public:
  // Whether A is the large operand of a problem that this class is for.
  static bool fits(const GemmProblem& problem);

  // `problem` fits and nothing in it is empty.
  explicit ThinGemm(const GemmProblem& problem);

  size_t phases() const override { return 2; }
  size_t chunks(size_t phase) const override;
  void run(size_t phase, size_t chunk) override;

 private:
  GemmProblem problem_;
  size_t blockRows_;
  Workspace vectors_;  // the columns of B, contiguous fp32: [count, n, k]
};

}  // namespace ane

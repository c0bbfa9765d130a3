#include "gemm/gemm.h"

#include "gemm/backend.h"
#include "gemm/kernels.h"

namespace ane {
namespace {

// C = beta C: what is left when A B contributes nothing.
class ScaleOnly final : public PhasedWork {
 public:
  explicit ScaleOnly(const GemmProblem& problem) : problem_(problem) {}
  size_t phases() const override { return 1; }
  size_t chunks(size_t) const override { return problem_.count; }
  void run(size_t, size_t chunk) override {
    const GemmProblem& p = problem_;
    scaleKernels().scaleRows(p.c.data + static_cast<ptrdiff_t>(chunk) * p.c.batchStride,
                             static_cast<size_t>(p.c.rowStride), p.m, p.n, p.beta);
  }

 private:
  GemmProblem problem_;
};

}  // namespace

std::unique_ptr<PhasedWork> makeGemm(const GemmProblem& problem) {
  if (problem.empty()) return nullptr;
  const bool rowMajor = problem.c.columnStride == 1 || problem.n == 1;
  const bool columnMajor = problem.c.rowStride == 1 || problem.m == 1;
  // A matrix of one row or column may be both: then its long side is the contiguous one.
  GemmProblem p =
      rowMajor && !(columnMajor && problem.m > problem.n) ? problem : problem.transposed();
  if (p.n == 1) p.c.columnStride = 1;
  if (p.m == 1) p.c.rowStride = static_cast<ptrdiff_t>(p.n);
  if (p.k == 0 || p.alpha == 0) return std::make_unique<ScaleOnly>(p);
  return makeProduct(p);
}

}  // namespace ane

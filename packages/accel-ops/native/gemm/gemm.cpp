// Chooses how a matrix product is computed by this package's own kernels.
#include "gemm/gemm.h"

#include "gemm/kernels.h"
#include "gemm/packed_gemm.h"
#include "gemm/thin_gemm.h"

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

// The same product with rows and columns exchanged: C^T = B^T A^T.
GemmProblem transposed(const GemmProblem& p) {
  return {p.n, p.m, p.k, p.count, p.b.transposed(), p.a.transposed(), p.c.transposed(), p.alpha, p.beta};
}

}  // namespace

std::unique_ptr<PhasedWork> makeGemm(const GemmProblem& problem) {
  if (problem.m == 0 || problem.n == 0 || problem.count == 0) return nullptr;
  const bool rowMajor = problem.c.columnStride == 1 || problem.n == 1;
  const bool columnMajor = problem.c.rowStride == 1 || problem.m == 1;
  // A matrix of one row or column may be both: then its long side is the contiguous one.
  GemmProblem p = rowMajor && !(columnMajor && problem.m > problem.n) ? problem : transposed(problem);
  if (p.n == 1) p.c.columnStride = 1;
  if (p.k == 0 || p.alpha == 0) return std::make_unique<ScaleOnly>(p);
  if (ThinGemm::fits(p)) return std::make_unique<ThinGemm>(p);
  if (ThinGemm::fits(transposed(p))) return std::make_unique<ThinGemm>(transposed(p));
  return std::make_unique<PackedGemm>(p);
}

const char* gemmBackend() { return "packed"; }

}  // namespace ane

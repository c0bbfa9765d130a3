#include "gemm/backend.h"
#include "gemm/packed_gemm.h"
#include "gemm/thin_gemm.h"

namespace ane {

std::unique_ptr<PhasedWork> makeProduct(const GemmProblem& p) {
  if (p.bf16) return std::make_unique<PackedGemm>(p);
  if (ThinGemm::fits(p)) return std::make_unique<ThinGemm>(p);
  if (ThinGemm::fits(p.transposed())) return std::make_unique<ThinGemm>(p.transposed());
  return std::make_unique<PackedGemm>(p);
}

const char* gemmBackend() { return "packed"; }

}  // namespace ane

// The matrix product of Apple's Accelerate, which runs on the matrix units of the processor and has
// threads of its own.
#include <Accelerate/Accelerate.h>

#include "core/workspace.h"
#include "gemm/backend.h"
#include "ops/copy_strided.h"

namespace ane {
namespace {

// dst [rows, columns] = src, converting.
void copyMatrix(const Matrix& src, const Matrix& dst, size_t rows, size_t columns) {
  copyStrided({2,
               {rows, columns},
               src.data,
               dst.data,
               {src.rowStride, src.columnStride},
               {dst.rowStride, dst.columnStride}});
}

Matrix contiguous(float* data, size_t columns) {
  return {{data, Element::fp32}, static_cast<ptrdiff_t>(columns), 1, 0};
}

// A matrix as cblas_sgemm takes it: fp32 with contiguous rows, or the transpose of such a one.
struct Argument {
  const float* data;
  CBLAS_TRANSPOSE transpose;
  int leading;
  Workspace copy;

  Argument(const Matrix& matrix, size_t rows, size_t columns) {
    const bool fp32 = matrix.data.type == Element::fp32;
    const bool byRows =
        matrix.columnStride == 1 && matrix.rowStride >= static_cast<ptrdiff_t>(columns);
    const bool byColumns =
        matrix.rowStride == 1 && matrix.columnStride >= static_cast<ptrdiff_t>(rows);
    transpose = !fp32 || byRows || !byColumns ? CblasNoTrans : CblasTrans;
    data = matrix.data.floats();
    leading = static_cast<int>(byRows ? matrix.rowStride : matrix.columnStride);
    if (fp32 && (byRows || byColumns)) return;
    copy = Workspace(rows * columns * sizeof(float));
    copyMatrix(matrix, contiguous(copy.floats(), columns), rows, columns);
    data = copy.floats();
    leading = static_cast<int>(columns);
  }
};

class AccelerateGemm final : public PhasedWork {
 public:
  explicit AccelerateGemm(const GemmProblem& problem) : problem_(problem) {}
  size_t phases() const override { return 1; }
  size_t chunks(size_t) const override { return problem_.count; }

  void run(size_t, size_t entry) override {
    const GemmProblem& p = problem_;
    const auto at = [entry](const Matrix& matrix) {
      return Matrix{matrix.data + static_cast<ptrdiff_t>(entry) * matrix.batchStride,
                    matrix.rowStride, matrix.columnStride, 0};
    };
    const Argument a(at(p.a), p.m, p.k), b(at(p.b), p.k, p.n);
    const Matrix c = at(p.c);
    const bool rounded = c.data.type == Element::fp16;
    const Workspace sums(rounded ? p.m * p.n * sizeof(float) : 0);
    const Matrix target = rounded ? contiguous(sums.floats(), p.n) : c;
    if (rounded && p.beta != 0) copyMatrix(c, target, p.m, p.n);
    cblas_sgemm(CblasRowMajor, a.transpose, b.transpose, static_cast<int>(p.m),
                static_cast<int>(p.n), static_cast<int>(p.k), p.alpha, a.data, a.leading, b.data,
                b.leading, p.beta, target.data.floats(), static_cast<int>(target.rowStride));
    if (rounded) copyMatrix(target, c, p.m, p.n);
  }

 private:
  GemmProblem problem_;
};

}  // namespace

std::unique_ptr<PhasedWork> makeProduct(const GemmProblem& problem) {
  return std::make_unique<AccelerateGemm>(problem);
}

const char* gemmBackend() { return "accelerate"; }

}  // namespace ane

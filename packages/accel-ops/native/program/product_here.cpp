#include "program/product_here.h"

#include <algorithm>

#include "core/workspace.h"
#include "gemm/kernels.h"

namespace ane {
namespace {

// Rows or columns that are packed and multiplied at a time, at most; also the grain of what stairs
// leave out.
constexpr size_t kBlock = 48;

size_t roundUp(size_t a, size_t multiple) { return (a + multiple - 1) / multiple * multiple; }
size_t blockOf(size_t panel) { return panel * std::max<size_t>(kBlock / panel, 1); }

struct Panels {
  float* data;
  size_t distance;  // from one panel to the next
};

// One entry of the batch. The smaller operand is packed as a whole, the other one block by block.
class ProductHere {
 public:
  ProductHere(const GemmProblem& problem, Stairs stairs, const int* limits)
      : p_(problem),
        stairs_(stairs),
        limits_(limits),
        panelRows_(
            kernels_.panelRows({problem.a.data, problem.a.rowStride, problem.a.columnStride})),
        rowBlock_(blockOf(panelRows_)),
        columnBlock_(blockOf(kernels_.columns)) {}

  void run() {
    thread_local Workspace shared, own;
    if (p_.m < p_.n) {
      const Panels a = {shared.reserve(roundUp(p_.m, panelRows_) * p_.k * sizeof(float)),
                        panelRows_ * p_.k};
      packRows({0, p_.m}, {0, p_.k}, a.data);
      float* const room = own.reserve(columnBlock_ * p_.k * sizeof(float));
      for (size_t column = 0; column < p_.n; column += columnBlock_) {
        const Range columns = {column, std::min(column + columnBlock_, p_.n)};
        const Range depth = contributing(stairs_, limits_, {0, p_.m}, columns, p_.k);
        if (depth.begin >= depth.end) continue;
        packColumns(columns, depth, room);
        const Panels b = {room, kernels_.columns * (depth.end - depth.begin)};
        overRows(columns, depth, a, b);
      }
    } else {
      const Panels b = {shared.reserve(roundUp(p_.n, kernels_.columns) * p_.k * sizeof(float)),
                        kernels_.columns * p_.k};
      packColumns({0, p_.n}, {0, p_.k}, b.data);
      float* const room = own.reserve(rowBlock_ * p_.k * sizeof(float));
      for (size_t row = 0; row < p_.m; row += rowBlock_) {
        const Range rows = {row, std::min(row + rowBlock_, p_.m)};
        const Range depth = contributing(stairs_, limits_, rows, {0, p_.n}, p_.k);
        if (depth.begin >= depth.end) continue;
        packRows(rows, depth, room);
        const Panels a = {room, panelRows_ * (depth.end - depth.begin)};
        overColumns(rows, depth, a, b);
      }
    }
  }

 private:
  void packRows(Range rows, Range depth, float* to) const {
    const auto at = static_cast<ptrdiff_t>(rows.begin) * p_.a.rowStride +
                    static_cast<ptrdiff_t>(depth.begin) * p_.a.columnStride;
    const size_t length = depth.end - depth.begin;
    kernels_.packRows({p_.a.data + at, p_.a.rowStride, p_.a.columnStride}, rows.end - rows.begin,
                      length, to, panelRows_ * length);
  }

  void packColumns(Range columns, Range depth, float* to) const {
    const auto at = static_cast<ptrdiff_t>(columns.begin) * p_.b.columnStride +
                    static_cast<ptrdiff_t>(depth.begin) * p_.b.rowStride;
    const size_t length = depth.end - depth.begin;
    kernels_.packColumns({p_.b.data + at, p_.b.columnStride, p_.b.rowStride},
                         columns.end - columns.begin, length, to, kernels_.columns * length);
  }

  // All of A's panels with those of some columns, in blocks of rows where the depth depends on the
  // row.
  void overRows(Range columns, Range depth, Panels a, Panels b) const {
    const bool varies = stairs_ == Stairs::c || stairs_ == Stairs::cTransposed ||
                        stairs_ == Stairs::a || stairs_ == Stairs::aTransposed;
    const size_t step = varies ? rowBlock_ : p_.m;
    for (size_t row = 0; row < p_.m; row += step) {
      const Range rows = {row, std::min(row + step, p_.m)};
      const Range terms = contributing(stairs_, limits_, rows, columns, p_.k);
      if (terms.begin >= terms.end) continue;
      const float* const left = a.data + row / panelRows_ * a.distance + terms.begin * panelRows_;
      const float* const right = b.data + (terms.begin - depth.begin) * kernels_.columns;
      multiply(rows, columns, terms, {const_cast<float*>(left), a.distance},
               {const_cast<float*>(right), b.distance});
    }
  }

  void overColumns(Range rows, Range depth, Panels a, Panels b) const {
    const bool varies = stairs_ == Stairs::c || stairs_ == Stairs::cTransposed ||
                        stairs_ == Stairs::b || stairs_ == Stairs::bTransposed;
    const size_t step = varies ? columnBlock_ : p_.n;
    for (size_t column = 0; column < p_.n; column += step) {
      const Range columns = {column, std::min(column + step, p_.n)};
      const Range terms = contributing(stairs_, limits_, rows, columns, p_.k);
      if (terms.begin >= terms.end) continue;
      const float* const left = a.data + (terms.begin - depth.begin) * panelRows_;
      const float* const right =
          b.data + column / kernels_.columns * b.distance + terms.begin * kernels_.columns;
      multiply(rows, columns, terms, {const_cast<float*>(left), a.distance},
               {const_cast<float*>(right), b.distance});
    }
  }

  void multiply(Range rows, Range columns, Range terms, Panels a, Panels b) const {
    const auto ldc = static_cast<size_t>(p_.c.rowStride);
    const Elements c = p_.c.data + static_cast<ptrdiff_t>(rows.begin * ldc + columns.begin);
    kernels_.multiply({rows.end - rows.begin, columns.end - columns.begin, terms.end - terms.begin,
                       a.data, a.distance, panelRows_, b.data, b.distance, c, c, ldc, ldc, p_.alpha,
                       p_.beta});
  }

  const GemmKernels& kernels_ = gemmKernels();
  const GemmProblem& p_;
  const Stairs stairs_;
  const int* const limits_;
  const size_t panelRows_, rowBlock_, columnBlock_;
};

}  // namespace

void multiplyHere(const GemmProblem& problem, Stairs stairs, const int* limits) {
  GemmProblem one = problem;
  for (size_t entry = 0; entry < problem.count; ++entry) {
    ProductHere(one, stairs, limits).run();
    one.a.data = one.a.data + one.a.batchStride;
    one.b.data = one.b.data + one.b.batchStride;
    one.c.data = one.c.data + one.c.batchStride;
  }
}

}  // namespace ane

#include "ops/copy_strided.h"

#include <algorithm>
#include <cstdlib>

#include "core/thread_pool.h"

namespace ane {
namespace {

// Elements per chunk of parallel work, about.
constexpr size_t kGrain = 32768;

struct Dim {
  size_t size;
  ptrdiff_t src, dst;
};

// The dims that matter, dst's order of memory, neighbours that are one loop in both layouts merged. Returns how many.
size_t normalize(const CopyStrided& a, Dim (&dims)[kMaxCopyDims]) {
  size_t count = 0;
  for (size_t i = 0; i < a.dims; ++i) {
    if (a.sizes[i] != 1) dims[count++] = {a.sizes[i], a.srcStrides[i], a.dstStrides[i]};
  }
  std::stable_sort(dims, dims + count, [](const Dim& x, const Dim& y) { return std::abs(x.dst) > std::abs(y.dst); });
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    const Dim& inner = dims[i];
    const auto size = static_cast<ptrdiff_t>(inner.size);
    if (kept > 0 && dims[kept - 1].src == inner.src * size && dims[kept - 1].dst == inner.dst * size) {
      dims[kept - 1] = {dims[kept - 1].size * inner.size, inner.src, inner.dst};
    } else {
      dims[kept++] = inner;
    }
  }
  return kept;
}

}  // namespace

void copyStrided(const CopyStrided& a) {
  Dim dims[kMaxCopyDims];
  size_t count = normalize(a, dims);
  size_t elements = 1;
  for (size_t i = 0; i < count; ++i) elements *= dims[i].size;
  if (elements == 0) return;

  // Columns are the innermost dim of dst. Rows are the dim that is innermost in src, if that is another one, so that a
  // plane holds the whole of a transposition; else the next one.
  const Dim one = {1, 0, 0};
  const Dim column = count > 0 ? dims[--count] : one;
  Dim row = one;
  if (count > 0) {
    Dim* chosen = std::min_element(dims, dims + count, [](const Dim& x, const Dim& y) { return std::abs(x.src) < std::abs(y.src); });
    if (column.src == 1) chosen = dims + count - 1;
    row = *chosen;
    std::copy(chosen + 1, dims + count, chosen);
    --count;
  }
  size_t planes = 1;
  for (size_t i = 0; i < count; ++i) planes *= dims[i].size;

  // A chunk is some whole planes, or some rows of one.
  const size_t rowsPerChunk = std::min(row.size, std::max<size_t>(1, kGrain / std::max<size_t>(1, column.size)));
  const size_t chunksPerPlane = (row.size + rowsPerChunk - 1) / rowsPerChunk;
  const size_t grain = std::max<size_t>(1, kGrain / (rowsPerChunk * column.size));
  parallelRange(planes * chunksPerPlane, grain, [&](size_t begin, size_t end) {
    for (size_t chunk = begin; chunk < end; ++chunk) {
      size_t plane = chunk / chunksPerPlane;
      const size_t firstRow = chunk % chunksPerPlane * rowsPerChunk;
      ptrdiff_t src = static_cast<ptrdiff_t>(firstRow) * row.src, dst = static_cast<ptrdiff_t>(firstRow) * row.dst;
      for (size_t i = count; i-- > 0; plane /= dims[i].size) {
        const auto index = static_cast<ptrdiff_t>(plane % dims[i].size);
        src += index * dims[i].src;
        dst += index * dims[i].dst;
      }
      const size_t rows = std::min(rowsPerChunk, row.size - firstRow);
      copyStridedKernels().plane(a.src + src, a.dst + dst, {rows, column.size, row.src, column.src, row.dst, column.dst});
    }
  });
}

}  // namespace ane

#include "program/guard.h"

#include "simd/lanes.h"

namespace ane::ANE_ISA {
namespace {

// Rows side by side in lanes.
template <class T>
F32 acrossRows(const T* data, size_t rows, size_t columns, ptrdiff_t columnStride) {
  F32 largest = zero();
  forEachVector(rows, [&](size_t row, auto lanes) {
    F32 total = zero();
    for (size_t k = 0; k < columns; ++k) {
      const F32 x = lanes.load(data + row + static_cast<ptrdiff_t>(k) * columnStride);
      total = fma(x, x, total);
    }
    largest = maxNan(total, largest);
  });
  return largest;
}

template <class T>
F32 alongRows(const T* data, size_t rows, size_t columns, ptrdiff_t rowStride) {
  F32 largest = zero();
  for (size_t row = 0; row < rows; ++row) {
    const T* const from = data + static_cast<ptrdiff_t>(row) * rowStride;
    const float total = sumOver(columns, [&](size_t k, auto lanes, F32 part) {
      const F32 x = lanes.load(from + k);
      return fma(x, x, part);
    });
    largest = maxNan(splat(total), largest);
  }
  return largest;
}

template <class T>
F32 anyStrides(const T* data, size_t rows, size_t columns, ptrdiff_t rowStride,
               ptrdiff_t columnStride) {
  F32 largest = zero();
  for (size_t row = 0; row < rows; ++row) {
    F32 total = zero();
    for (size_t k = 0; k < columns; ++k) {
      const F32 x = loadPart(
          data + static_cast<ptrdiff_t>(row) * rowStride + static_cast<ptrdiff_t>(k) * columnStride,
          1);
      total = fma(x, x, total);
    }
    largest = maxNan(total, largest);
  }
  return largest;
}

template <class T>
F32 largestLanes(const T* data, size_t rows, size_t columns, ptrdiff_t rowStride,
                 ptrdiff_t columnStride) {
  if (rowStride == 1) return acrossRows(data, rows, columns, columnStride);
  if (columnStride == 1) return alongRows(data, rows, columns, rowStride);
  return anyStrides(data, rows, columns, rowStride, columnStride);
}

float largestSquare(Elements data, size_t rows, size_t columns, ptrdiff_t rowStride,
                    ptrdiff_t columnStride) {
  const F32 largest = data.type == Element::fp16
                          ? largestLanes(data.halves(), rows, columns, rowStride, columnStride)
                          : largestLanes(data.floats(), rows, columns, rowStride, columnStride);
  float lanes[kLanes], result = 0;
  store(lanes, largest);
  for (const float lane : lanes) {
    if (!(lane <= result)) result = lane != lane || result != result ? __builtin_nanf("") : lane;
  }
  return result;
}

}  // namespace

const GuardKernels guardKernels = {largestSquare};

}  // namespace ane::ANE_ISA

#include "gemm/kernels.h"

#include "simd/simd.h"

namespace ane::ANE_ISA {
namespace {

// Rows and vectors whose products are summed side by side; kRows * kVectors is a multiple of kLanes.
constexpr size_t kRows = 4;
#if defined(ANE_ISA_AVX512) || defined(ANE_ISA_NEON)
constexpr size_t kVectors = 4;
#else
constexpr size_t kVectors = 2;
#endif
constexpr size_t kSums = kRows * kVectors;

// out[i * vectors + j] = <row i, vector j>; every sum has the same order whatever `rows` and `vectors` are.
template <size_t rows, size_t vectors, class T>
void dotBlock(const T* data, ptrdiff_t rowStride, const float* vector, size_t depth, float* out) {
  F32 sums[kSums];
#pragma GCC unroll 16
  for (size_t i = 0; i < kSums; ++i) sums[i] = zero();
  const auto step = [&](size_t k, auto loadLanes) __attribute__((always_inline)) {
    F32 right[vectors];
#pragma GCC unroll 4
    for (size_t j = 0; j < vectors; ++j) right[j] = loadLanes(vector + j * depth + k);
#pragma GCC unroll 4
    for (size_t i = 0; i < rows; ++i) {
      const F32 left = loadLanes(data + static_cast<ptrdiff_t>(i) * rowStride + k);
#pragma GCC unroll 4
      for (size_t j = 0; j < vectors; ++j) sums[i * vectors + j] = fma(left, right[j], sums[i * vectors + j]);
    }
  };
  size_t k = 0;
  for (; k + kLanes <= depth; k += kLanes) step(k, [](const auto* p) { return load(p); });
  if (k < depth) step(k, [=](const auto* p) { return loadPart(p, depth - k); });
#pragma GCC unroll 4
  for (size_t first = 0; first < kSums; first += kLanes) {
    // Lane i of the total is the sum of the lanes of sums[first + i].
    F32 square[kLanes];
#pragma GCC unroll 16
    for (size_t i = 0; i < kLanes; ++i) square[i] = sums[first + i];
    transpose(square);
#pragma GCC unroll 4
    for (size_t half = kLanes / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
      for (size_t i = 0; i < half; ++i) square[i] = square[i] + square[i + half];
    }
    store(out + first, square[0]);
  }
}

template <size_t vectors, class T>
ANE_INLINE void dotRows(const T* data, ptrdiff_t rowStride, size_t rows, const float* vector, size_t depth, float* out) {
  switch (rows) {
    case 1:
      return dotBlock<1, vectors>(data, rowStride, vector, depth, out);
    case 2:
      return dotBlock<2, vectors>(data, rowStride, vector, depth, out);
    case 3:
      return dotBlock<3, vectors>(data, rowStride, vector, depth, out);
    default:
      return dotBlock<kRows, vectors>(data, rowStride, vector, depth, out);
  }
}

template <class T>
ANE_INLINE void dotVectors(const T* data, const DotProducts& p, size_t rows, size_t vectors, const float* vector, float* out) {
  if constexpr (kVectors == 4) {
    if (vectors == 4) return dotRows<4>(data, p.rowStride, rows, vector, p.depth, out);
    if (vectors == 3) return dotRows<3>(data, p.rowStride, rows, vector, p.depth, out);
  }
  if (vectors == 2) return dotRows<2>(data, p.rowStride, rows, vector, p.depth, out);
  dotRows<1>(data, p.rowStride, rows, vector, p.depth, out);
}

// The block's sums to their places in C, which need not be neighbours.
template <class C>
ANE_INLINE void storeBlock(const DotProducts& p, C* c, float* sums, size_t rows, size_t vectors) {
  const auto at = [&](size_t i, size_t j) {
    return static_cast<ptrdiff_t>(i) * p.cRowStride + static_cast<ptrdiff_t>(j) * p.cVectorStride;
  };
  alignas(64) C values[kSums] = {};
  if (p.beta != 0) {
    for (size_t i = 0; i < rows; ++i) {
      for (size_t j = 0; j < vectors; ++j) values[i * vectors + j] = c[at(i, j)];
    }
  }
  for (size_t l = 0; l < kSums; l += kLanes) {
    F32 value = splat(p.alpha) * load(sums + l);
    if (p.beta != 0) value = fma(splat(p.beta), load(values + l), value);
    store(values + l, value);
  }
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < vectors; ++j) c[at(i, j)] = values[i * vectors + j];
  }
}

template <class T>
void dotsTyped(const DotProducts& p, const T* data) {
  for (size_t i = 0; i < p.rows; i += kRows) {
    const size_t rows = p.rows - i < kRows ? p.rows - i : kRows;
    for (size_t j = 0; j < p.vectors; j += kVectors) {
      const size_t vectors = p.vectors - j < kVectors ? p.vectors - j : kVectors;
      alignas(64) float sums[kSums];
      dotVectors(data + static_cast<ptrdiff_t>(i) * p.rowStride, p, rows, vectors, p.vectorData + j * p.depth, sums);
      const Elements c = p.c + (static_cast<ptrdiff_t>(i) * p.cRowStride + static_cast<ptrdiff_t>(j) * p.cVectorStride);
      if (c.type == Element::fp32) {
        storeBlock(p, c.floats(), sums, rows, vectors);
      } else {
        storeBlock(p, c.halves(), sums, rows, vectors);
      }
    }
  }
}

void dots(const DotProducts& p) {
  if (p.data.type == Element::fp32) {
    dotsTyped(p, p.data.floats());
  } else {
    dotsTyped(p, p.data.halves());
  }
}

template <class T>
void gatherTyped(const T* source, ptrdiff_t stride, size_t count, float* out) {
  size_t k = 0;
  if (stride == 1) {
    for (; k + kLanes <= count; k += kLanes) store(out + k, load(source + k));
  }
  for (; k < count; ++k) storePart(out + k, loadPart(source + static_cast<ptrdiff_t>(k) * stride, 1), 1);
}

void gather(Elements source, ptrdiff_t stride, size_t count, float* out) {
  if (source.type == Element::fp32) {
    gatherTyped(source.floats(), stride, count, out);
  } else {
    gatherTyped(source.halves(), stride, count, out);
  }
}

}  // namespace

const ThinKernels thinKernels = {gather, dots};

}  // namespace ane::ANE_ISA

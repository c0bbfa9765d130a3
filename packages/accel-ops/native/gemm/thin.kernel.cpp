#include "gemm/kernels.h"

#include "simd/simd.h"

namespace ane::ANE_ISA {
namespace {

// Rows (or vectors of neighbouring rows) and vectors whose products are summed side by side; kRows
// * kVectors is a multiple of kLanes.
constexpr size_t kRows = 4;
#if defined(ANE_ISA_AVX512) || defined(ANE_ISA_NEON)
constexpr size_t kVectors = 4;
#else
constexpr size_t kVectors = 2;
#endif
constexpr size_t kSums = kRows * kVectors;

// — Depth contiguous: dot products —

// out[i * vectors + j] = <row i, vector j>; every sum has the same order whatever `rows` and
// `vectors` are. The rows `ahead` elements further on are asked for meanwhile, so that memory is
// busy while sums are computed; 0 for none.
template <size_t rows, size_t vectors, class T>
void dotBlock(const T* data, ptrdiff_t rowStride, ptrdiff_t ahead, const float* vector,
              size_t depth, float* out) {
  F32 sums[kSums];
#pragma GCC unroll 16
  for (size_t i = 0; i < kSums; ++i) sums[i] = zero();
  const auto step = [&](size_t k, auto loadLanes) __attribute__((always_inline)) {
    F32 right[vectors];
#pragma GCC unroll 4
    for (size_t j = 0; j < vectors; ++j) right[j] = loadLanes(vector + j * depth + k);
#pragma GCC unroll 4
    for (size_t i = 0; i < rows; ++i) {
      const T* const from = data + static_cast<ptrdiff_t>(i) * rowStride + k;
      if (ahead != 0) __builtin_prefetch(from + ahead);
      const F32 left = loadLanes(from);
#pragma GCC unroll 4
      for (size_t j = 0; j < vectors; ++j)
        sums[i * vectors + j] = fma(left, right[j], sums[i * vectors + j]);
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
ANE_INLINE void dotRows(const T* data, ptrdiff_t rowStride, ptrdiff_t ahead, size_t rows,
                        const float* vector, size_t depth, float* out) {
  switch (rows) {
    case 1:
      return dotBlock<1, vectors>(data, rowStride, ahead, vector, depth, out);
    case 2:
      return dotBlock<2, vectors>(data, rowStride, ahead, vector, depth, out);
    case 3:
      return dotBlock<3, vectors>(data, rowStride, ahead, vector, depth, out);
    default:
      return dotBlock<kRows, vectors>(data, rowStride, ahead, vector, depth, out);
  }
}

template <class T>
ANE_INLINE void dotVectors(const T* data, const ThinProduct& p, ptrdiff_t ahead, size_t rows,
                           size_t vectors, const float* vector, float* out) {
  if constexpr (kVectors == 4) {
    if (vectors == 4) return dotRows<4>(data, p.rowStride, ahead, rows, vector, p.depth, out);
    if (vectors == 3) return dotRows<3>(data, p.rowStride, ahead, rows, vector, p.depth, out);
  }
  if (vectors == 2) return dotRows<2>(data, p.rowStride, ahead, rows, vector, p.depth, out);
  dotRows<1>(data, p.rowStride, ahead, rows, vector, p.depth, out);
}

// The block's sums to their places in C, which need not be neighbours.
template <class C>
ANE_INLINE void storeBlock(const ThinProduct& p, C* c, float* sums, size_t rows, size_t vectors) {
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
void dotsTyped(const ThinProduct& p, const T* data) {
  for (size_t i = 0; i < p.rows; i += kRows) {
    const size_t rows = p.rows - i < kRows ? p.rows - i : kRows;
    for (size_t j = 0; j < p.vectors; j += kVectors) {
      const size_t vectors = p.vectors - j < kVectors ? p.vectors - j : kVectors;
      alignas(64) float sums[kSums];
      const ptrdiff_t ahead =
          j == 0 && i + 2 * kRows <= p.rows ? static_cast<ptrdiff_t>(kRows) * p.rowStride : 0;
      dotVectors(data + static_cast<ptrdiff_t>(i) * p.rowStride, p, ahead, rows, vectors,
                 p.vectorData + j * p.depth, sums);
      const Elements c = p.c + (static_cast<ptrdiff_t>(i) * p.cRowStride +
                                static_cast<ptrdiff_t>(j) * p.cVectorStride);
      if (c.type == Element::fp32) {
        storeBlock(p, c.floats(), sums, rows, vectors);
      } else {
        storeBlock(p, c.halves(), sums, rows, vectors);
      }
    }
  }
}

// — Rows contiguous: rows side by side in lanes —

// C[i, j] for `count` neighbouring rows i.
template <class C>
ANE_INLINE void storeLanes(const ThinProduct& p, C* c, F32 sum, size_t count) {
  F32 value = splat(p.alpha) * sum;
  if (p.cRowStride == 1) {
    if (p.beta != 0) value = fma(splat(p.beta), loadPart(c, count), value);
    return storePart(c, value, count);
  }
  alignas(64) C lanes[kLanes] = {};
  for (size_t i = 0; p.beta != 0 && i < count; ++i)
    lanes[i] = c[static_cast<ptrdiff_t>(i) * p.cRowStride];
  if (p.beta != 0) value = fma(splat(p.beta), load(lanes), value);
  store(lanes, value);
  for (size_t i = 0; i < count; ++i) c[static_cast<ptrdiff_t>(i) * p.cRowStride] = lanes[i];
}

// `wide` vectors of neighbouring rows from `data` on, of which `count` rows exist.
template <size_t wide, size_t vectors, class T>
void sumBlock(const ThinProduct& p, const T* data, const float* vector, Elements c, size_t count) {
  // A piece of a row of memory for each k: the hardware does not foresee them.
  constexpr ptrdiff_t kAhead = 16;
  F32 sums[wide][vectors];
  for (size_t i = 0; i < wide; ++i) {
    for (size_t j = 0; j < vectors; ++j) sums[i][j] = zero();
  }
  for (size_t k = 0; k < p.depth; ++k, data += p.depthStride) {
#pragma GCC unroll 4
    for (size_t i = 0; i < wide; ++i) {
      __builtin_prefetch(data + kAhead * p.depthStride + i * kLanes);
      const F32 left = count >= wide * kLanes ? load(data + i * kLanes) : loadPart(data, count);
#pragma GCC unroll 4
      for (size_t j = 0; j < vectors; ++j)
        sums[i][j] = fma(left, splat(vector[j * p.depth + k]), sums[i][j]);
    }
  }
  for (size_t i = 0; i < wide; ++i) {
    for (size_t j = 0; j < vectors; ++j) {
      const Elements to = c + (static_cast<ptrdiff_t>(i * kLanes) * p.cRowStride +
                               static_cast<ptrdiff_t>(j) * p.cVectorStride);
      const size_t lanes = count < kLanes ? count : kLanes;
      if (to.type == Element::fp32) {
        storeLanes(p, to.floats(), sums[i][j], lanes);
      } else {
        storeLanes(p, to.halves(), sums[i][j], lanes);
      }
    }
  }
}

template <size_t vectors, class T>
void sumRows(const ThinProduct& p, const T* data, const float* vector, Elements c) {
  size_t i = 0;
  for (; i + kRows * kLanes <= p.rows; i += kRows * kLanes) {
    sumBlock<kRows, vectors>(p, data + i, vector, c + static_cast<ptrdiff_t>(i) * p.cRowStride,
                             kRows * kLanes);
  }
  for (; i < p.rows; i += kLanes) {
    const size_t count = p.rows - i < kLanes ? p.rows - i : kLanes;
    sumBlock<1, vectors>(p, data + i, vector, c + static_cast<ptrdiff_t>(i) * p.cRowStride, count);
  }
}

template <class T>
void sumsTyped(const ThinProduct& p, const T* data) {
  for (size_t j = 0; j < p.vectors;) {
    const size_t left = p.vectors - j, step = left >= kVectors ? kVectors : 1;
    const float* const vector = p.vectorData + j * p.depth;
    const Elements c = p.c + static_cast<ptrdiff_t>(j) * p.cVectorStride;
    if (step == kVectors) {
      sumRows<kVectors>(p, data, vector, c);
    } else {
      sumRows<1>(p, data, vector, c);
    }
    j += step;
  }
}

template <class T>
void multiplyTyped(const ThinProduct& p, const T* data) {
  if (p.depthStride == 1) {
    dotsTyped(p, data);
  } else {
    sumsTyped(p, data);
  }
}

void multiply(const ThinProduct& p) {
  if (p.data.type == Element::fp32) {
    multiplyTyped(p, p.data.floats());
  } else {
    multiplyTyped(p, p.data.halves());
  }
}

template <class T>
void gatherTyped(const T* source, ptrdiff_t stride, size_t count, float* out) {
  size_t k = 0;
  if (stride == 1) {
    for (; k + kLanes <= count; k += kLanes) store(out + k, load(source + k));
  }
  for (; k < count; ++k)
    storePart(out + k, loadPart(source + static_cast<ptrdiff_t>(k) * stride, 1), 1);
}

void gather(Elements source, ptrdiff_t stride, size_t count, float* out) {
  if (source.type == Element::fp32) {
    gatherTyped(source.floats(), stride, count, out);
  } else {
    gatherTyped(source.halves(), stride, count, out);
  }
}

}  // namespace

const ThinKernels thinKernels = {gather, multiply};

}  // namespace ane::ANE_ISA

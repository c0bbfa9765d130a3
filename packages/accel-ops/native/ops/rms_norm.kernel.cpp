#include "ops/rms_norm.h"

#include "simd/lanes.h"

namespace ane::ANE_ISA {
namespace {

ANE_INLINE F32 inverseRoot(F32 sumOfSquares, size_t dim, float eps) {
  return splat(1.0f) / sqrt(fma(sumOfSquares, splat(1.0f / static_cast<float>(dim)), splat(eps)));
}

// Calls body(d, constant n) for channels [begin, end) by fours, so that sums are read and written
// once for four rows of memory.
struct One {
  static constexpr size_t kChannels = 1;
};
struct Four {
  static constexpr size_t kChannels = 4;
};
template <class Body>
ANE_INLINE void byFours(size_t begin, size_t end, Body body) {
  size_t d = begin;
  for (; d + 4 <= end; d += 4) body(d, Four{});
  for (; d < end; ++d) body(d, One{});
}

template <class X>
void squares(const RmsNormForward& args, const X* x, size_t begin, size_t end, float* sums) {
  const size_t rows = args.rows;
  byFours(begin, end, [=](size_t d, auto group) {
    forEachVector(rows, [=](size_t row, auto lanes) {
      F32 square = lanes.load(sums + row);
      for (size_t k = 0; k < decltype(group)::kChannels; ++k) {
        const F32 value = lanes.load(x + (d + k) * rows + row);
        square = fma(value, value, square);
      }
      lanes.store(sums + row, square);
    });
  });
}

template <class X>
void sums(const RmsNormBackward& args, const X* x, size_t begin, size_t end,
          const RmsNormStatistics& statistics) {
  const size_t rows = args.rows;
  const float *const weights = args.weight, *const dOut = args.dOut;
  float *const squares = statistics.squares, *const products = statistics.products;
  byFours(begin, end, [=](size_t d, auto group) {
    constexpr size_t n = decltype(group)::kChannels;
    F32 weight[n];
    for (size_t k = 0; k < n; ++k) weight[k] = splat(weights[d + k]);
    forEachVector(rows, [=](size_t row, auto lanes) {
      F32 square = lanes.load(squares + row), product = lanes.load(products + row);
      for (size_t k = 0; k < n; ++k) {
        const size_t at = (d + k) * rows + row;
        const F32 value = lanes.load(x + at);
        square = fma(value, value, square);
        product = fma(value, weight[k] * lanes.load(dOut + at), product);
      }
      lanes.store(squares + row, square);
      lanes.store(products + row, product);
    });
  });
}

void finish(const RmsNormStatistics& sums, size_t begin, size_t end, size_t dim, float eps) {
  float* const squares = sums.squares + begin;
  float* const products = sums.products ? sums.products + begin : nullptr;
  const F32 inverseDim = splat(1.0f / static_cast<float>(dim));
  forEachVector(end - begin, [=](size_t row, auto lanes) {
    const F32 inverse = inverseRoot(lanes.load(squares + row), dim, eps);
    lanes.store(squares + row, inverse);
    if (!products) return;
    lanes.store(products + row,
                lanes.load(products + row) * inverseDim * inverse * inverse * inverse);
  });
}

template <class X>
void forwardChannels(const RmsNormForward& a, const X* x, const float* inverseRms, size_t begin,
                     size_t end) {
  for (size_t d = begin; d < end; ++d) {
    const F32 weight = splat(a.weight[d]);
    const X* in = x + d * a.rows;
    float* out = a.out + d * a.rows;
    forEachVector(a.rows, [=](size_t row, auto lanes) {
      lanes.store(out + row, lanes.load(in + row) * lanes.load(inverseRms + row) * weight);
    });
  }
}

template <class X>
void backwardChannels(const RmsNormBackward& a, const X* x, const RmsNormStatistics& statistics,
                      size_t begin, size_t end, float* dWeight) {
  const float *const inverse = statistics.squares, *const pull = statistics.products;
  const bool accumulate = a.accumulate;
  for (size_t d = begin; d < end; ++d) {
    const F32 weight = splat(a.weight[d]);
    const X* in = x + d * a.rows;
    const float* dOut = a.dOut + d * a.rows;
    float* out = a.dx + d * a.rows;
    dWeight[d] += sumOver(a.rows, [=](size_t row, auto lanes, F32 part) {
      const F32 value = lanes.load(in + row),
                slope = lanes.load(dOut + row) * lanes.load(inverse + row);
      F32 dx = fnma(value, lanes.load(pull + row), slope * weight);
      if (accumulate) dx = dx + lanes.load(out + row);
      lanes.store(out + row, dx);
      return fma(slope, value, part);
    });
  }
}

template <class X>
void forwardRows(const RmsNormForward& a, const X* x, size_t begin, size_t end) {
  for (size_t row = begin; row < end; ++row) {
    const X* in = x + row * a.dim;
    float* out = a.out + row * a.dim;
    const float squares = sumOver(a.dim, [=](size_t d, auto lanes, F32 part) {
      const F32 value = lanes.load(in + d);
      return fma(value, value, part);
    });
    const F32 inverse = inverseRoot(splat(squares), a.dim, a.eps);
    if (a.inverseRms) storePart(a.inverseRms + row, inverse, 1);
    forEachVector(a.dim, [&](size_t d, auto lanes) {
      lanes.store(out + d, lanes.load(in + d) * inverse * lanes.load(a.weight + d));
    });
  }
}

template <class X>
void backwardRows(const RmsNormBackward& a, const X* x, size_t begin, size_t end, float* dWeight) {
  for (size_t row = begin; row < end; ++row) {
    const X* in = x + row * a.dim;
    const float* dOut = a.dOut + row * a.dim;
    float* out = a.dx + row * a.dim;
    const float squares = sumOver(a.dim, [=](size_t d, auto lanes, F32 part) {
      const F32 value = lanes.load(in + d);
      return fma(value, value, part);
    });
    const float products = sumOver(a.dim, [&](size_t d, auto lanes, F32 part) {
      return fma(lanes.load(in + d), lanes.load(a.weight + d) * lanes.load(dOut + d), part);
    });
    const F32 inverse = inverseRoot(splat(squares), a.dim, a.eps);
    const F32 mean = splat(products / static_cast<float>(a.dim));
    const F32 pull = mean * inverse * inverse * inverse;
    forEachVector(a.dim, [&](size_t d, auto lanes) {
      const F32 value = lanes.load(in + d), slope = lanes.load(dOut + d) * inverse;
      lanes.store(dWeight + d, fma(slope, value, lanes.load(dWeight + d)));
      F32 dx = fnma(value, pull, slope * lanes.load(a.weight + d));
      if (a.accumulate) dx = dx + lanes.load(out + d);
      lanes.store(out + d, dx);
    });
  }
}

// Calls kernel(args, x with its element type, rest…).
template <class Args, class Kernel, class... Rest>
ANE_INLINE void withTypeOfX(const Args& args, Kernel kernel, Rest... rest) {
  if (args.x.type == Element::fp32) return kernel(args, args.x.floats(), rest...);
  kernel(args, args.x.halves(), rest...);
}

}  // namespace

const RmsNormKernels rmsNormKernels = {
    [](const RmsNormForward& args, size_t begin, size_t end, float* sums) {
      withTypeOfX(args, [](auto... all) { squares(all...); }, begin, end, sums);
    },
    [](const RmsNormBackward& args, size_t begin, size_t end, const RmsNormStatistics& statistics) {
      withTypeOfX(args, [](auto... all) { sums(all...); }, begin, end, statistics);
    },
    finish,
    [](const RmsNormForward& args, const float* inverseRms, size_t begin, size_t end) {
      withTypeOfX(args, [](auto... all) { forwardChannels(all...); }, inverseRms, begin, end);
    },
    [](const RmsNormBackward& args, const RmsNormStatistics& statistics, size_t begin, size_t end,
       float* dWeight) {
      withTypeOfX(
          args, [](auto... all) { backwardChannels(all...); }, statistics, begin, end, dWeight);
    },
    [](const RmsNormForward& args, size_t begin, size_t end) {
      withTypeOfX(args, [](auto... all) { forwardRows(all...); }, begin, end);
    },
    [](const RmsNormBackward& args, size_t begin, size_t end, float* dWeight) {
      withTypeOfX(args, [](auto... all) { backwardRows(all...); }, begin, end, dWeight);
    },
};

}  // namespace ane::ANE_ISA

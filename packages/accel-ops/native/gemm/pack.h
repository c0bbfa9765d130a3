// Brings the operands of a packed matrix product into panels (see gemm/kernels.h). Lines are rows
// of A or columns of B.
#pragma once

#include "gemm/factors.h"
#include "gemm/kernels.h"

namespace ane::ANE_ISA {

constexpr size_t stepsOf(size_t depth) { return (depth + kTerms - 1) / kTerms; }

// Stores a vector at a step of a panel, from `lane` on. Lanes beyond the panel's width fall on the
// next step, which is written later; the last steps are stored in part.
template <size_t width>
ANE_INLINE void storeInPanel(float* panel, size_t step, size_t lane, size_t steps, F32 value) {
  static_assert(width < kLanes || width % kLanes == 0);
  float* const to = panel + step * width + lane;
  if (lane + kLanes <= width || step * width + lane + kLanes <= steps * width) {
    store(to, value);
  } else {
    storePart(to, value, width - lane);
  }
}

// Lines that are neighbours in memory: vectors are copied. The distance from one depth to
// the next may be anything, so what is some steps ahead is asked for.
template <size_t width, class T>
void packAcross(const T* source, ptrdiff_t depthStride, size_t lines, size_t depth, float* packed,
                size_t panelDistance) {
  constexpr ptrdiff_t kAhead = 16;
  for (size_t k = 0; k < depth; k += kTerms) {
    const T* const from = source + static_cast<ptrdiff_t>(k) * depthStride;
    for (size_t term = 0; term < kTerms; ++term) {
      const T* const ahead = from + (kAhead + static_cast<ptrdiff_t>(term)) * depthStride;
      for (size_t i = 0; i < lines; i += 64 / sizeof(T)) __builtin_prefetch(ahead + i);
    }
    float* panel = packed;
    for (size_t first = 0; first < lines; first += width, panel += panelDistance) {
      for (size_t lane = 0; lane < width && first + lane < lines; lane += kLanes) {
        const size_t i = first + lane;
        const F32 value = factorsAcross(from + i, depthStride, lines - i, depth - k);
        storeInPanel<width>(panel, k / kTerms, lane, stepsOf(depth), value);
      }
    }
  }
}

// kLanes elements of a line from its number k on, zero where the line has ended.
template <class T>
ANE_INLINE F32 elementsAlong(const T* line, ptrdiff_t depthStride, size_t k, size_t depth) {
  constexpr size_t kDepth = kLanes * kTerms;
  const size_t present = depth - k < kDepth ? depth - k : kDepth;
  if (depthStride == 1) {
    return present == kDepth ? factorsAlong(line + k) : factorsAlongPart(line + k, present);
  }
  T gathered[kDepth] = {};
  for (size_t i = 0; i < present; ++i) {
    gathered[i] = line[static_cast<ptrdiff_t>(k + i) * depthStride];
  }
  return factorsAlong(gathered);
}

// A panel of lines that are no neighbours: squares are transposed in registers. `whole` panels have
// all their lines. What is read are pieces of many lines, which the hardware does not prefetch
// well: the elements that far ahead are asked for, at the end of the lines those of the next panel.
template <size_t width, bool whole, class T>
ANE_INLINE void packAlong(const T* source, ptrdiff_t lineStride, ptrdiff_t depthStride,
                          size_t lines, size_t depth, float* panel) {
  constexpr size_t kAhead = 512 / sizeof(T), kDepth = kLanes * kTerms;
  for (size_t lane = 0; lane < width && lane < lines; lane += kLanes) {
    const T* const first = source + static_cast<ptrdiff_t>(lane) * lineStride;
    for (size_t k = 0; k < depth; k += kDepth) {
      const T* const ahead =
          k + kAhead < depth
              ? first + k + kAhead
              : first + static_cast<ptrdiff_t>(width) * lineStride + (k + kAhead - depth);
      F32 square[kLanes];
      for (size_t i = 0; i < kLanes; ++i) {
        const ptrdiff_t line = static_cast<ptrdiff_t>(i) * lineStride;
        if (lane + i < width) __builtin_prefetch(ahead + line);
        const bool exists = lane + i < width && (whole || lane + i < lines);
        square[i] = exists ? elementsAlong(first + line, depthStride, k, depth) : zero();
      }
      transpose(square);
      const size_t step = k / kTerms, end = stepsOf(depth - k);
      for (size_t i = 0; i < (end < kLanes ? end : kLanes); ++i) {
        storeInPanel<width>(panel, step + i, lane, stepsOf(depth), square[i]);
      }
    }
  }
}

template <size_t width, class T>
void packTyped(const T* source, const PackSource& strides, size_t lines, size_t depth,
               float* packed, size_t panelDistance) {
  const auto [data, lineStride, depthStride] = strides;
  if (strides.across()) {
    return packAcross<width>(source, depthStride, lines, depth, packed, panelDistance);
  }
  for (size_t line = 0; line < lines; line += width, packed += panelDistance) {
    const T* const first = source + static_cast<ptrdiff_t>(line) * lineStride;
    const size_t left = lines - line;
    if (depthStride == 1 && left >= width) {
      packAlong<width, true>(first, lineStride, 1, left, depth, packed);
    } else {
      packAlong<width, false>(first, lineStride, depthStride, left, depth, packed);
    }
  }
}

template <size_t width>
void pack(const PackSource& source, size_t lines, size_t depth, float* packed,
          size_t panelDistance) {
  if (source.data.type == Element::fp32) {
    packTyped<width>(source.data.floats(), source, lines, depth, packed, panelDistance);
  } else {
    packTyped<width>(source.data.halves(), source, lines, depth, packed, panelDistance);
  }
}

}  // namespace ane::ANE_ISA

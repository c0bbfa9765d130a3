// Loops over arrays by whole vectors with one partial vector at the end, the body written once:
//   forEachVector(count, [&](size_t i, auto lanes) {
//     lanes.store(out + i, lanes.load(a + i) + lanes.load(b + i));
//   });
#pragma once

#include "simd/simd.h"

namespace ane::ANE_ISA {

struct WholeVector {
  template <class T>
  F32 load(const T* p) const {
    return ane::ANE_ISA::load(p);
  }
  template <class T>
  void store(T* p, F32 a) const {
    ane::ANE_ISA::store(p, a);
  }
};

// The first `count` lanes; the others are zero when loaded and stay untouched in memory.
struct PartVector {
  size_t count;
  template <class T>
  F32 load(const T* p) const {
    return loadPart(p, count);
  }
  template <class T>
  void store(T* p, F32 a) const {
    storePart(p, a, count);
  }
};

template <class Body>
ANE_INLINE void forEachVector(size_t count, Body body) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) body(i, WholeVector{});
  if (i < count) body(i, PartVector{count - i});
}

// Sum of all lanes of all vectors: term(i, lanes, part) returns part plus what the elements from i
// on contribute. Four partial sums, so that the additions need not wait for each other.
template <class Term>
ANE_INLINE float sumOver(size_t count, Term term) {
  F32 parts[4] = {zero(), zero(), zero(), zero()};
  size_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    for (size_t k = 0; k < 4; ++k) parts[k] = term(i + k * kLanes, WholeVector{}, parts[k]);
  }
  for (; i + kLanes <= count; i += kLanes) parts[0] = term(i, WholeVector{}, parts[0]);
  if (i < count) parts[1] = term(i, PartVector{count - i}, parts[1]);
  return sum((parts[0] + parts[1]) + (parts[2] + parts[3]));
}

}  // namespace ane::ANE_ISA

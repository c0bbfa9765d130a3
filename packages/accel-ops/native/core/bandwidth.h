// The memory's limit, for benchmarks to compare with: simple passes over arrays that no cache can
// hold.
#pragma once

#include <stddef.h>

namespace ane {

// Bytes per second that the program reads and writes, all threads together. What a plain write
// costs besides (the old line is read first) is not counted; a streaming write goes past the caches
// and has no such cost.
struct Bandwidth {
  double read = 0;
  double write = 0;
  double streamingWrite = 0;
  double copy = 0;
  double streamingCopy = 0;
  double update = 0;  // a = 3 a, in place: lines that are written have been read anyway
  double triad = 0;   // a = b + 3 c
  double streamingTriad = 0;
};

// The best pass of each kind over arrays of `bytes` (three are allocated), in turn for about
// `seconds`; at least one pass.
Bandwidth measureBandwidth(size_t bytes, double seconds);

}  // namespace ane

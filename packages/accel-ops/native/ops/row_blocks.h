// How operations along the middle of [outer, axis, inner] are cut into parallel work.
#pragma once

#include <stddef.h>

#include <algorithm>

#include "core/thread_pool.h"

namespace ane {

// body(begin, end, column, columnEnd): rows [begin, end) of `outer`, columns [column, columnEnd) of
// `inner`.
template <class Body>
void forEachRowBlock(size_t outer, size_t axis, size_t inner, Body&& body) {
  constexpr size_t kChunkElements = 32768;
  // Columns of a block: several cache lines of each row.
  constexpr size_t kColumns = 64;
  const size_t columnBlocks = (inner + kColumns - 1) / kColumns;
  const size_t elements = std::max<size_t>(axis, 1) * std::min(inner, kColumns);
  const size_t grain = std::max<size_t>(kChunkElements / elements, 1);
  parallelRange(outer * columnBlocks, grain, [&](size_t begin, size_t end) {
    if (columnBlocks == 1) return body(begin, end, size_t{0}, inner);
    for (size_t block = begin; block < end; ++block) {
      const size_t row = block / columnBlocks, column = block % columnBlocks * kColumns;
      body(row, row + 1, column, std::min(column + kColumns, inner));
    }
  });
}

}  // namespace ane

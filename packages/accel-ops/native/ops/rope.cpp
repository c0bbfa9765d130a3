#include "ops/rope.h"

#include <algorithm>
#include <vector>

#include "core/thread_pool.h"

namespace ane {
namespace {

// Elements per chunk of parallel work.
constexpr size_t kGrain = 16384;

void ropeTokenMajor(const Rope& a) {
  const size_t channels = a.heads * a.headDim, pairs = a.headDim / 2;
  parallelRange(a.rows, std::max<size_t>(1, kGrain / channels), [&](size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      const size_t entry = (a.positions ? a.positions[row] : a.startPosition + row) * pairs;
      ropeKernels().rotateToken(a.x + row * channels, a.cosine + entry, a.sine + entry, a.heads,
                                pairs, a.direction);
    }
  });
}

void ropeChannelFirst(const Rope& a) {
  const size_t pairs = a.headDim / 2;
  parallelRange(
      pairs, std::max<size_t>(1, kGrain / (2 * a.rows * a.heads)), [&](size_t begin, size_t end) {
        // Angles of one pair over all rows: as they lie in the table, or gathered.
        std::vector<float> gathered(a.positions ? 2 * a.rows : 0);
        for (size_t pair = begin; pair < end; ++pair) {
          const float *cosine = a.cosine + pair * a.tablePositions,
                      *sine = a.sine + pair * a.tablePositions;
          if (a.positions) {
            for (size_t row = 0; row < a.rows; ++row) {
              gathered[row] = cosine[a.positions[row]];
              gathered[a.rows + row] = sine[a.positions[row]];
            }
            cosine = gathered.data();
            sine = cosine + a.rows;
          } else {
            cosine += a.startPosition;
            sine += a.startPosition;
          }
          for (size_t head = 0; head < a.heads; ++head) {
            float* even = a.x + (head * a.headDim + 2 * pair) * a.rows;
            ropeKernels().rotateRows(even, even + a.rows, cosine, sine, a.rows, a.direction);
          }
        }
      });
}

}  // namespace

void rope(const Rope& args, Layout layout) {
  layout == Layout::channelFirst ? ropeChannelFirst(args) : ropeTokenMajor(args);
}

}  // namespace ane

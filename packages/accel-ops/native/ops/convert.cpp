#include "ops/convert.h"

#include "core/thread_pool.h"

namespace ane {
namespace {

// Elements per chunk of parallel work: some microseconds, so that small arrays stay on the calling
// thread.
constexpr size_t kGrain = 32768;

}  // namespace

void toHalf(const float* src, uint16_t* dst, size_t count) {
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    convertKernels().toHalf(src + begin, dst + begin, end - begin);
  });
}

void toFloat(const uint16_t* src, float* dst, size_t count) {
  parallelRange(count, kGrain, [&](size_t begin, size_t end) {
    convertKernels().toFloat(src + begin, dst + begin, end - begin);
  });
}

}  // namespace ane

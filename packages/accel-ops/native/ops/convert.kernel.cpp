#include "ops/convert.h"

#include "simd/simd.h"

namespace ane::ANE_ISA {
namespace {

template <class Source, class Target>
void convert(const Source* src, Target* dst, size_t count) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(dst + i, load(src + i));
  if (i < count) storePart(dst + i, loadPart(src + i, count - i), count - i);
}

}  // namespace

const ConvertKernels convertKernels = {convert<float, uint16_t>, convert<uint16_t, float>};

}  // namespace ane::ANE_ISA

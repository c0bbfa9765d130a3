#include "ops/rope.h"

#include "binding/arguments.h"
#include "binding/layout.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// rope(x, cosine, sine: Float32Array, tablePositions: number,
//      positions: Uint32Array [rows] | undefined, startPosition, rows, heads, headDim, direction:
//      number, channelFirst: boolean)
void rope(const Napi::CallbackInfo& info) {
  const uint32_t* const positions = info[4].IsUndefined() ? nullptr : unsignedInts(info, 4).data;
  ane::rope({floats(info, 0).data, floats(info, 1).data, floats(info, 2).data, size(info, 3),
             positions, size(info, 5), size(info, 6), size(info, 7), size(info, 8),
             static_cast<float>(number(info, 9))},
            layout(info, 10));
}

}  // namespace

void registerRope(Napi::Env env, Napi::Object exports) { define<rope>(env, exports, "rope"); }

}  // namespace ane::binding

#include "ops/softmax.h"

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// softmax(x, out: Float32Array | Uint16Array, xOffset, outOffset, outer, axis, inner: number)
void softmax(const Napi::CallbackInfo& info) {
  ane::softmax({size(info, 4), size(info, 5), size(info, 6), elements(info, 0, size(info, 2)),
                elements(info, 1, size(info, 3))});
}

}  // namespace

void registerSoftmax(Napi::Env env, Napi::Object exports) { define<softmax>(env, exports, "softmax"); }

}  // namespace ane::binding

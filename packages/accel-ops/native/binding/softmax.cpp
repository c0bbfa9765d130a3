#include "ops/softmax.h"

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// softmax(outer, axis, inner, x, xOffset, out, outOffset)
void softmax(const Napi::CallbackInfo& info) {
  ane::softmax({size(info, 0), size(info, 1), size(info, 2), elements(info, 3, size(info, 4)),
                elements(info, 5, size(info, 6))});
}

}  // namespace

void registerSoftmax(Napi::Env env, Napi::Object exports) {
  define<softmax>(env, exports, "softmax");
}

}  // namespace ane::binding

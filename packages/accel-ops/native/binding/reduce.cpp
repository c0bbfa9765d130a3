#include "ops/reduce.h"

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// reduce(operation: number, x, out: Float32Array | Uint16Array, xOffset, outOffset, outer, axis, inner: number)
void reduce(const Napi::CallbackInfo& info) {
  ane::reduce({static_cast<Reduction>(size(info, 0)), size(info, 5), size(info, 6), size(info, 7),
               elements(info, 1, size(info, 3)), elements(info, 2, size(info, 4))});
}

}  // namespace

void registerReduce(Napi::Env env, Napi::Object exports) { define<reduce>(env, exports, "reduce"); }

}  // namespace ane::binding

#include "ops/reduce.h"

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// reduce(op, outer, axis, inner, x, xOffset, out, outOffset)
void reduce(const Napi::CallbackInfo& info) {
  ane::reduce({static_cast<Reduction>(size(info, 0)), size(info, 1), size(info, 2), size(info, 3),
               elements(info, 4, size(info, 5)), elements(info, 6, size(info, 7))});
}

}  // namespace

void registerReduce(Napi::Env env, Napi::Object exports) { define<reduce>(env, exports, "reduce"); }

}  // namespace ane::binding

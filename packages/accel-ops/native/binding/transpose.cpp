#include "ops/transpose.h"

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// transpose(src: Float32Array, dst: Float32Array | Uint16Array, rows, columns: number)
void transpose(const Napi::CallbackInfo& info) {
  ane::transpose({floats(info, 0).data, elements(info, 1), size(info, 2), size(info, 3)});
}

}  // namespace

void registerTranspose(Napi::Env env, Napi::Object exports) {
  define<transpose>(env, exports, "transpose");
}

}  // namespace ane::binding

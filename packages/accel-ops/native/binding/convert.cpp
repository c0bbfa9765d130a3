#include "ops/convert.h"

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// toHalf(src: Float32Array [n], dst: Uint16Array [n])
void toHalf(const Napi::CallbackInfo& info) {
  const auto src = floats(info, 0);
  ane::toHalf(src.data, halves(info, 1).data, src.length);
}

// toFloat(src: Uint16Array [n], dst: Float32Array [n])
void toFloat(const Napi::CallbackInfo& info) {
  const auto src = halves(info, 0);
  ane::toFloat(src.data, floats(info, 1).data, src.length);
}

}  // namespace

void registerConvert(Napi::Env env, Napi::Object exports) {
  define<toHalf>(env, exports, "toHalf");
  define<toFloat>(env, exports, "toFloat");
}

}  // namespace ane::binding

#include "ops/rms_norm.h"

#include "binding/arguments.h"
#include "binding/layout.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// rmsNormForward(x: Float32Array | Uint16Array, weight: Float32Array [dim], out: Float32Array,
//                inverseRms: Float32Array [rows] | undefined, rows, dim, eps: number,
//                channelFirst: boolean)
void rmsNormForward(const Napi::CallbackInfo& info) {
  float* const inverseRms = info[3].IsUndefined() ? nullptr : floats(info, 3).data;
  ane::rmsNormForward({elements(info, 0), floats(info, 1).data, floats(info, 2).data, inverseRms,
                       size(info, 4), size(info, 5), static_cast<float>(number(info, 6))},
                      layout(info, 7));
}

// rmsNormBackward(x: Float32Array | Uint16Array, weight: Float32Array [dim],
//                 dOut, dx: Float32Array, dWeight: Float32Array [dim], rows, dim, eps: number,
//                 accumulate, channelFirst: boolean)
void rmsNormBackward(const Napi::CallbackInfo& info) {
  ane::rmsNormBackward(
      {elements(info, 0), floats(info, 1).data, floats(info, 2).data, floats(info, 3).data,
       size(info, 5), size(info, 6), static_cast<float>(number(info, 7)), boolean(info, 8)},
      layout(info, 9), floats(info, 4).data);
}

}  // namespace

void registerRmsNorm(Napi::Env env, Napi::Object exports) {
  define<rmsNormForward>(env, exports, "rmsNormForward");
  define<rmsNormBackward>(env, exports, "rmsNormBackward");
}

}  // namespace ane::binding

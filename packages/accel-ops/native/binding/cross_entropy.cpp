#include "ops/cross_entropy.h"

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// Arguments of both functions: logits: Float32Array, targets: Uint32Array [rows], classes: number,
// losses: Float32Array [rows] | undefined, softcap: number, absent: number
CrossEntropy arguments(const Napi::CallbackInfo& info) {
  const auto targets = unsignedInts(info, 1);
  return {targets.data,
          targets.length,
          size(info, 2),
          info[3].IsUndefined() ? nullptr : floats(info, 3).data,
          static_cast<float>(number(info, 4)),
          size(info, 5)};
}

// crossEntropyLoss(…): number
Napi::Value crossEntropyLoss(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(),
                           ane::crossEntropyLoss(arguments(info), floats(info, 0).data));
}

// crossEntropy(…, gradientScale: number, zLoss: number): number
Napi::Value crossEntropy(const Napi::CallbackInfo& info) {
  const float gradientScale = static_cast<float>(number(info, 6)),
              zLoss = static_cast<float>(number(info, 7));
  return Napi::Number::New(
      info.Env(), ane::crossEntropy(arguments(info), floats(info, 0).data, gradientScale, zLoss));
}

}  // namespace

void registerCrossEntropy(Napi::Env env, Napi::Object exports) {
  define<crossEntropyLoss>(env, exports, "crossEntropyLoss");
  define<crossEntropy>(env, exports, "crossEntropy");
}

}  // namespace ane::binding

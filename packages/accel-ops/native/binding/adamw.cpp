#include "ops/adamw.h"

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// adamW(parameters, gradients, firstMoment, secondMoment: Float32Array [n],
//       settings: Float64Array [learningRate, beta1, beta2, epsilon, weightDecay,
//                               gradientScale, step])
void adamW(const Napi::CallbackInfo& info) {
  const auto parameters = floats(info, 0);
  const double* const s = doubles(info, 4).data;
  ane::adamW({parameters.data, floats(info, 1).data, floats(info, 2).data, floats(info, 3).data},
             parameters.length, {s[0], s[1], s[2], s[3], s[4], s[5], s[6]});
}

}  // namespace

void registerAdamW(Napi::Env env, Napi::Object exports) { define<adamW>(env, exports, "adamW"); }

}  // namespace ane::binding

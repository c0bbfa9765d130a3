#include "ops/activation.h"

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// sigmoid(x, out: Float32Array [n])
void sigmoid(const Napi::CallbackInfo& info) {
  const auto x = floats(info, 0);
  ane::sigmoid(x.data, floats(info, 1).data, x.length);
}

// silu(x, out: Float32Array [n])
void silu(const Napi::CallbackInfo& info) {
  const auto x = floats(info, 0);
  ane::silu(x.data, floats(info, 1).data, x.length);
}

// siluBackward(x, dOut, dx: Float32Array [n])
void siluBackward(const Napi::CallbackInfo& info) {
  const auto x = floats(info, 0);
  ane::siluBackward(x.data, floats(info, 1).data, floats(info, 2).data, x.length);
}

// swiGlu(h1, h3, gate: Float32Array [n])
void swiGlu(const Napi::CallbackInfo& info) {
  const auto h1 = floats(info, 0);
  ane::swiGlu(h1.data, floats(info, 1).data, floats(info, 2).data, h1.length);
}

// swiGluBackward(h1, h3, dGate, dH1, dH3: Float32Array [n])
void swiGluBackward(const Napi::CallbackInfo& info) {
  const auto h1 = floats(info, 0);
  ane::swiGluBackward({h1.data, floats(info, 1).data, floats(info, 2).data, floats(info, 3).data,
                       floats(info, 4).data},
                      h1.length);
}

}  // namespace

void registerActivation(Napi::Env env, Napi::Object exports) {
  define<sigmoid>(env, exports, "sigmoid");
  define<silu>(env, exports, "silu");
  define<siluBackward>(env, exports, "siluBackward");
  define<swiGlu>(env, exports, "swiGlu");
  define<swiGluBackward>(env, exports, "swiGluBackward");
}

}  // namespace ane::binding

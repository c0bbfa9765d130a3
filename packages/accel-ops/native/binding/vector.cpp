#include "ops/vector.h"

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// add(a, b, out: Float32Array [n])
void add(const Napi::CallbackInfo& info) {
  const auto a = floats(info, 0);
  ane::add(a.data, floats(info, 1).data, floats(info, 2).data, a.length);
}

// sub(a, b, out: Float32Array [n])
void sub(const Napi::CallbackInfo& info) {
  const auto a = floats(info, 0);
  ane::sub(a.data, floats(info, 1).data, floats(info, 2).data, a.length);
}

// scale(x: Float32Array, alpha: number)
void scale(const Napi::CallbackInfo& info) {
  const auto x = floats(info, 0);
  ane::scale(x.data, static_cast<float>(number(info, 1)), x.length);
}

// axpy(alpha: number, x, y: Float32Array [n])
void axpy(const Napi::CallbackInfo& info) {
  const auto x = floats(info, 1);
  ane::axpy(static_cast<float>(number(info, 0)), x.data, floats(info, 2).data, x.length);
}

// dot(a, b: Float32Array [n]): number
Napi::Value dot(const Napi::CallbackInfo& info) {
  const auto a = floats(info, 0);
  return Napi::Number::New(info.Env(), ane::dot(a.data, floats(info, 1).data, a.length));
}

// allFinite(x: Float32Array | Uint16Array, length: number): boolean
Napi::Value allFinite(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), ane::allFinite(elements(info, 0), size(info, 1)));
}

}  // namespace

void registerVector(Napi::Env env, Napi::Object exports) {
  define<add>(env, exports, "add");
  define<sub>(env, exports, "sub");
  define<scale>(env, exports, "scale");
  define<axpy>(env, exports, "axpy");
  define<dot>(env, exports, "dot");
  define<allFinite>(env, exports, "allFinite");
}

}  // namespace ane::binding

// JavaScript class Model:
//   new ({ text, weights: [path, Uint8Array][], qos, performanceStats }) ; identifier ; cached
//   load(mayCompile): boolean, whether the compiler ran ; loadAsync(mayCompile): Promise<boolean>
//   attributes(): object | null ; setPorts(inputs: number[], outputs: number[])
//   evaluate(surfaces: Surface[]): number | null, nanoseconds of the hardware
//   evaluateAsync(surfaces): Promise<number | null>
//   dispose()
// A failed load has the property `compiled` on its error.
#pragma once

#include <napi.h>

#include "ane/engine.h"

namespace ane::binding {

class ModelObject : public Napi::ObjectWrap<ModelObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit ModelObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value identifier(const Napi::CallbackInfo& info);
  Napi::Value cached(const Napi::CallbackInfo& info);
  Napi::Value load(const Napi::CallbackInfo& info);
  Napi::Value loadAsync(const Napi::CallbackInfo& info);
  Napi::Value attributes(const Napi::CallbackInfo& info);
  void setPorts(const Napi::CallbackInfo& info);
  Napi::Value evaluate(const Napi::CallbackInfo& info);
  Napi::Value evaluateAsync(const Napi::CallbackInfo& info);
  void dispose(const Napi::CallbackInfo& info);

  const std::shared_ptr<Model>& alive(Napi::Env env) const;

  std::shared_ptr<Model> model_;
};

}  // namespace ane::binding

// Entry point of the addon. The framework is opened by `open()`, not by loading the addon, so that what is missing is
// an error that can be caught. Whatever an environment leaves undisposed is freed by the finalizers of its objects.
#include <napi.h>

#include "ane/engine.h"
#include "binding/failure_error.h"
#include "binding/model_object.h"
#include "binding/surface_object.h"

namespace ane::binding {
namespace {

// open(): void. Throws a failure.
void open(const Napi::CallbackInfo& info) {
  Failure failure;
  if (!openFramework(&failure)) throw failureError(info.Env(), failure);
}

// loadedModels(): number, of this process
Napi::Value loadedModelsOf(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), loadedModels()); }

// systemInfo(): { chip, version, build }, empty where unknown
Napi::Value systemInfoOf(const Napi::CallbackInfo& info) {
  const SystemInfo system = systemInfo();
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("chip", system.chip);
  object.Set("version", system.version);
  object.Set("build", system.build);
  return object;
}

// deviceInfo(): { architecture, buildVersion, hasEngine, virtualMachine, engines, cores, missing }
Napi::Value deviceInfoOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const DeviceInfo device = deviceInfo();
  const auto boolean = [&](const std::optional<bool>& value) -> Napi::Value {
    if (!value) return env.Null();
    return Napi::Boolean::New(env, *value);
  };
  const auto number = [&](const std::optional<uint32_t>& value) -> Napi::Value {
    if (!value) return env.Null();
    return Napi::Number::New(env, *value);
  };
  Napi::Array missing = Napi::Array::New(env);
  for (const std::string& part : device.missing) missing.Set(missing.Length(), part);
  Napi::Object object = Napi::Object::New(env);
  object.Set("architecture", device.architecture);
  object.Set("buildVersion", device.buildVersion);
  object.Set("hasEngine", boolean(device.hasEngine));
  object.Set("virtualMachine", boolean(device.virtualMachine));
  object.Set("engines", number(device.engines));
  object.Set("cores", number(device.cores));
  object.Set("missing", missing);
  return object;
}

// frameworkMethods(): { className, method, needed, defect }[]
Napi::Value frameworkMethodsOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array methods = Napi::Array::New(env);
  for (const MethodState& state : methodStates()) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("className", state.className);
    object.Set("method", state.method);
    object.Set("needed", Napi::Boolean::New(env, state.needed));
    object.Set("defect", state.defect);
    methods.Set(methods.Length(), object);
  }
  return methods;
}

// openEnergyMeter(): (() => [name, joules][] | null) | null
Napi::Value openEnergyMeter(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::shared_ptr<EnergyMeter> meter = EnergyMeter::open();
  if (!meter) return env.Null();
  return Napi::Function::New(env, [meter](const Napi::CallbackInfo& call) -> Napi::Value {
    const auto counters = meter->read();
    if (!counters) return call.Env().Null();
    Napi::Array entries = Napi::Array::New(call.Env());
    for (const auto& [name, joules] : *counters) {
      Napi::Array entry = Napi::Array::New(call.Env(), 2);
      entry.Set(0u, name);
      entry.Set(1u, Napi::Number::New(call.Env(), joules));
      entries.Set(entries.Length(), entry);
    }
    return entries;
  });
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("Surface", SurfaceObject::define(env));
  exports.Set("Model", ModelObject::define(env));
  exports.Set("open", Napi::Function::New<open>(env, "open"));
  exports.Set("loadedModels", Napi::Function::New<loadedModelsOf>(env, "loadedModels"));
  exports.Set("systemInfo", Napi::Function::New<systemInfoOf>(env, "systemInfo"));
  exports.Set("deviceInfo", Napi::Function::New<deviceInfoOf>(env, "deviceInfo"));
  exports.Set("frameworkMethods", Napi::Function::New<frameworkMethodsOf>(env, "frameworkMethods"));
  exports.Set("openEnergyMeter", Napi::Function::New<openEnergyMeter>(env, "openEnergyMeter"));
  return exports;
}

NODE_API_MODULE(NODE_GYP_MODULE_NAME, init)

}  // namespace
}  // namespace ane::binding

#include "binding/model_object.h"

#include "binding/async_job.h"
#include "binding/failure_error.h"
#include "binding/surface_object.h"

namespace ane::binding {
namespace {

ModelSpec specOf(const Napi::Object& options) {
  ModelSpec spec;
  spec.text = options.Get("text").As<Napi::String>();
  spec.qos = options.Get("qos").As<Napi::Number>();
  spec.performanceStats = options.Get("performanceStats").As<Napi::Boolean>();
  const auto weights = options.Get("weights").As<Napi::Array>();
  for (uint32_t i = 0; i < weights.Length(); i++) {
    const auto entry = weights.Get(i).As<Napi::Array>();
    const auto bytes = entry.Get(1u).As<Napi::Uint8Array>();
    spec.weights.push_back({entry.Get(0u).As<Napi::String>(), bytes.Data(), bytes.ByteLength()});
  }
  return spec;
}

std::vector<uint32_t> indicesOf(const Napi::Value& value) {
  const auto array = value.As<Napi::Array>();
  std::vector<uint32_t> indices;
  for (uint32_t i = 0; i < array.Length(); i++) indices.push_back(array.Get(i).As<Napi::Number>());
  return indices;
}

Surfaces surfacesOf(const Napi::Value& value) {
  const auto array = value.As<Napi::Array>();
  Surfaces surfaces;
  for (uint32_t i = 0; i < array.Length(); i++) surfaces.push_back(SurfaceObject::unwrap(array.Get(i)));
  return surfaces;
}

Napi::Value timeValue(Napi::Env env, const std::optional<uint64_t>& nanoseconds) {
  if (!nanoseconds) return env.Null();
  return Napi::Number::New(env, static_cast<double>(*nanoseconds));
}

Napi::Error loadError(Napi::Env env, const Failure& failure, bool compiled) {
  Napi::Error error = failureError(env, failure);
  error.Set("compiled", Napi::Boolean::New(env, compiled));
  return error;
}

Napi::Object livePortObject(Napi::Env env, const LivePort& port) {
  Napi::Object object = Napi::Object::New(env);
  const auto set = [&](const char* name, int64_t value) {
    object.Set(name, Napi::Number::New(env, static_cast<double>(value)));
  };
  object.Set("name", port.name);
  object.Set("symbol", port.symbol);
  object.Set("type", port.type);
  set("batches", port.batches);
  set("channels", port.channels);
  set("depth", port.depth);
  set("height", port.height);
  set("width", port.width);
  set("interleave", port.interleave);
  set("rowStride", port.rowStride);
  set("planeStride", port.planeStride);
  set("batchStride", port.batchStride);
  return object;
}

Napi::Object portTableObject(Napi::Env env, const PortTable& table) {
  Napi::Array symbols = Napi::Array::New(env);
  for (const std::string& symbol : table.symbols) symbols.Set(symbols.Length(), symbol);
  Napi::Array indices = Napi::Array::New(env);
  for (const uint32_t index : table.indices) indices.Set(indices.Length(), Napi::Number::New(env, index));
  Napi::Array live = Napi::Array::New(env);
  for (const LivePort& port : table.live) live.Set(live.Length(), livePortObject(env, port));
  Napi::Object object = Napi::Object::New(env);
  object.Set("symbols", symbols);
  object.Set("indices", indices);
  object.Set("live", live);
  return object;
}

}  // namespace

Napi::Function ModelObject::define(Napi::Env env) {
  return DefineClass(env, "Model",
                     {
                         InstanceAccessor<&ModelObject::identifier>("identifier"),
                         InstanceAccessor<&ModelObject::cached>("cached"),
                         InstanceMethod<&ModelObject::load>("load"),
                         InstanceMethod<&ModelObject::loadAsync>("loadAsync"),
                         InstanceMethod<&ModelObject::attributes>("attributes"),
                         InstanceMethod<&ModelObject::setPorts>("setPorts"),
                         InstanceMethod<&ModelObject::evaluate>("evaluate"),
                         InstanceMethod<&ModelObject::evaluateAsync>("evaluateAsync"),
                         InstanceMethod<&ModelObject::dispose>("dispose"),
                     });
}

ModelObject::ModelObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ModelObject>(info) {
  Failure failure;
  model_ = Model::create(specOf(info[0].As<Napi::Object>()), &failure);
  if (!model_) throw failureError(info.Env(), failure);
}

const std::shared_ptr<Model>& ModelObject::alive(Napi::Env env) const {
  if (!model_) throw Napi::Error::New(env, "the model is disposed");
  return model_;
}

Napi::Value ModelObject::identifier(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), alive(info.Env())->identifier());
}

Napi::Value ModelObject::cached(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), alive(info.Env())->cached());
}

Napi::Value ModelObject::load(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Failure failure;
  bool compiled = false;
  if (!alive(env)->load(info[0].As<Napi::Boolean>(), &compiled, &failure)) throw loadError(env, failure, compiled);
  return Napi::Boolean::New(env, compiled);
}

Napi::Value ModelObject::loadAsync(const Napi::CallbackInfo& info) {
  struct Call {
    std::shared_ptr<Model> model;
    bool mayCompile, compiled = false, succeeded = false;
    Failure failure;
  };
  const auto call = std::make_shared<Call>();
  call->model = alive(info.Env());
  call->mayCompile = info[0].As<Napi::Boolean>();
  return startJob(
      info.Env(), [call] { call->succeeded = call->model->load(call->mayCompile, &call->compiled, &call->failure); },
      [call](Napi::Env env) -> Napi::Value {
        if (!call->succeeded) throw loadError(env, call->failure, call->compiled);
        return Napi::Boolean::New(env, call->compiled);
      });
}

Napi::Value ModelObject::attributes(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Failure failure;
  std::optional<ModelAttributes> attributes;
  if (!alive(env)->attributes(&attributes, &failure)) throw failureError(env, failure);
  if (!attributes) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("inputs", portTableObject(env, attributes->inputs));
  object.Set("outputs", portTableObject(env, attributes->outputs));
  return object;
}

void ModelObject::setPorts(const Napi::CallbackInfo& info) {
  alive(info.Env())->setPorts(indicesOf(info[0]), indicesOf(info[1]));
}

Napi::Value ModelObject::evaluate(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<Model>& model = alive(env);
  Failure failure;
  std::optional<uint64_t> nanoseconds;
  if (!model->evaluate(surfacesOf(info[0]), &nanoseconds, &failure)) throw failureError(env, failure);
  return timeValue(env, nanoseconds);
}

Napi::Value ModelObject::evaluateAsync(const Napi::CallbackInfo& info) {
  struct Call {
    std::shared_ptr<Model> model;
    Surfaces surfaces;
    bool succeeded = false;
    std::optional<uint64_t> nanoseconds;
    Failure failure;
  };
  const auto call = std::make_shared<Call>();
  call->model = alive(info.Env());
  call->surfaces = surfacesOf(info[0]);
  return startJob(
      info.Env(),
      [call] { call->succeeded = call->model->evaluate(call->surfaces, &call->nanoseconds, &call->failure); },
      [call](Napi::Env env) -> Napi::Value {
        if (!call->succeeded) throw failureError(env, call->failure);
        return timeValue(env, call->nanoseconds);
      });
}

void ModelObject::dispose(const Napi::CallbackInfo& info) {
  if (!model_) return;
  const std::shared_ptr<Model> model = std::move(model_);
  Failure failure;
  if (!model->unload(&failure)) throw failureError(info.Env(), failure);
}

}  // namespace ane::binding

#include "binding/surface_object.h"

#include "ane/half.h"
#include "binding/failure_error.h"

namespace ane::binding {
namespace {

constexpr napi_type_tag kTag = {0x0a7e5f2b6c1d4e83, 0x9b3d7c5e1f204a68};

// The arguments of store and load after the array.
struct Rows {
  size_t first, rows, columns, stride;
  bool half;
};

Rows rowsOf(const Napi::CallbackInfo& info) {
  const auto size = [&](size_t index) { return static_cast<size_t>(info[index].As<Napi::Number>().Int64Value()); };
  return {size(1), size(2), size(3), size(4), info[5].As<Napi::Boolean>()};
}

}  // namespace

Napi::Function SurfaceObject::define(Napi::Env env) {
  return DefineClass(env, "Surface",
                     {
                         InstanceAccessor<&SurfaceObject::buffer>("buffer"),
                         InstanceMethod<&SurfaceObject::lock>("lock"),
                         InstanceMethod<&SurfaceObject::unlock>("unlock"),
                         InstanceMethod<&SurfaceObject::store>("store"),
                         InstanceMethod<&SurfaceObject::load>("load"),
                         InstanceMethod<&SurfaceObject::dispose>("dispose"),
                     });
}

SurfaceObject::SurfaceObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SurfaceObject>(info) {
  const Napi::Env env = info.Env();
  Failure failure;
  auto surface = Surface::create(static_cast<size_t>(info[0].As<Napi::Number>().Int64Value()), &failure);
  if (!surface) throw failureError(env, failure);
  info.This().As<Napi::Object>().TypeTag(&kTag);
  surface_ = std::make_shared<std::shared_ptr<Surface>>(std::move(surface));
}

std::shared_ptr<Surface> SurfaceObject::unwrap(const Napi::Value& value) {
  const Napi::Env env = value.Env();
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kTag)) {
    throw Napi::TypeError::New(env, "a Surface of this addon is expected");
  }
  SurfaceObject* object = Unwrap(value.As<Napi::Object>());
  object->alive(env);
  return *object->surface_;
}

Surface& SurfaceObject::alive(Napi::Env env) const {
  if (!*surface_) throw Napi::Error::New(env, "the surface is disposed");
  return **surface_;
}

Napi::Value SurfaceObject::buffer(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!buffer_.IsEmpty()) return buffer_.Value();
  Surface& surface = alive(env);
  const auto finalize = [](Napi::Env, void*, std::shared_ptr<std::shared_ptr<Surface>>* held) { delete held; };
  const auto buffer = Napi::ArrayBuffer::New(env, surface.data(), surface.size(), finalize,
                                             new std::shared_ptr<std::shared_ptr<Surface>>(surface_));
  buffer_ = Napi::Persistent(buffer);
  return buffer;
}

void SurfaceObject::lock(const Napi::CallbackInfo& info) {
  Failure failure;
  if (!alive(info.Env()).lock(info[0].As<Napi::Boolean>(), &failure)) throw failureError(info.Env(), failure);
}

void SurfaceObject::unlock(const Napi::CallbackInfo& info) {
  Failure failure;
  if (!alive(info.Env()).unlock(info[0].As<Napi::Boolean>(), &failure)) throw failureError(info.Env(), failure);
}

void SurfaceObject::store(const Napi::CallbackInfo& info) {
  Surface& surface = alive(info.Env());
  const float* source = info[0].As<Napi::Float32Array>().Data();
  const auto [first, rows, columns, stride, half] = rowsOf(info);
  Failure failure;
  if (!surface.lock(true, &failure)) throw failureError(info.Env(), failure);
  for (size_t row = 0; row < rows; row++) {
    const size_t place = first + row * stride;
    if (half) {
      toHalf(source + row * columns, static_cast<uint16_t*>(surface.data()) + place, columns);
    } else {
      std::memcpy(static_cast<float*>(surface.data()) + place, source + row * columns, columns * sizeof(float));
    }
  }
  if (!surface.unlock(true, &failure)) throw failureError(info.Env(), failure);
}

void SurfaceObject::load(const Napi::CallbackInfo& info) {
  Surface& surface = alive(info.Env());
  float* target = info[0].As<Napi::Float32Array>().Data();
  const auto [first, rows, columns, stride, half] = rowsOf(info);
  Failure failure;
  if (!surface.lock(false, &failure)) throw failureError(info.Env(), failure);
  for (size_t row = 0; row < rows; row++) {
    const size_t place = first + row * stride;
    if (half) {
      toFloat(static_cast<const uint16_t*>(surface.data()) + place, target + row * columns, columns);
    } else {
      std::memcpy(target + row * columns, static_cast<const float*>(surface.data()) + place, columns * sizeof(float));
    }
  }
  if (!surface.unlock(false, &failure)) throw failureError(info.Env(), failure);
}

void SurfaceObject::dispose(const Napi::CallbackInfo&) {
  if (!buffer_.IsEmpty()) {
    buffer_.Value().Detach();
    buffer_.Reset();
  }
  surface_->reset();
}

}  // namespace ane::binding

// JavaScript class Surface:
//   new (byteLength) ; buffer: ArrayBuffer, the memory itself, detached by dispose ; dispose()
//   lock(writable) ; unlock(writable)
//   store(source, first, rows, columns, rowStride, half) ; load(target, first, rows, columns, rowStride, half)
// store and load convert a packed Float32Array [rows, columns] to or from rows that are rowStride elements apart, under
// one lock. Ranges have been checked by the caller.
#pragma once

#include <napi.h>

#include "ane/engine.h"

namespace ane::binding {

class SurfaceObject : public Napi::ObjectWrap<SurfaceObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit SurfaceObject(const Napi::CallbackInfo& info);

  // Throws if the value is none of this class, or disposed of.
  static std::shared_ptr<Surface> unwrap(const Napi::Value& value);

 private:
  Napi::Value buffer(const Napi::CallbackInfo& info);
  void lock(const Napi::CallbackInfo& info);
  void unlock(const Napi::CallbackInfo& info);
  void store(const Napi::CallbackInfo& info);
  void load(const Napi::CallbackInfo& info);
  void dispose(const Napi::CallbackInfo& info);

  Surface& alive(Napi::Env env) const;

  // Shared with the buffer, which may be collected after this object: the memory outlives both, but not dispose().
  std::shared_ptr<std::shared_ptr<Surface>> surface_;
  Napi::Reference<Napi::ArrayBuffer> buffer_;
};

}  // namespace ane::binding

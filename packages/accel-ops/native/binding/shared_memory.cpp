#include "core/shared_memory.h"

#include <memory>

#include "binding/arguments.h"
#include "binding/file_error.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

using Mapping = std::shared_ptr<SharedMapping>;

// createSharedMemory(byteLength: number): number
Napi::Value createSharedMemory(const Napi::CallbackInfo& info) {
  try {
    return Napi::Number::New(info.Env(), ane::createSharedMemory(size(info, 0)));
  } catch (const FileError& failure) {
    throwFileError(info.Env(), failure);
  }
}

// mapSharedMemory(descriptor: number):
//     { byteLength, piece(offset, byteLength): ArrayBuffer, close(pieces: ArrayBuffer[]): void }
// close detaches the pieces first: no view of them can reach memory that is gone.
Napi::Value mapSharedMemory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  try {
    const Mapping mapping = std::make_shared<SharedMapping>(static_cast<int>(number(info, 0)));
    const auto piece = [mapping](const Napi::CallbackInfo& call) -> Napi::Value {
      return Napi::ArrayBuffer::New(
          call.Env(), static_cast<char*>(mapping->data()) + size(call, 0), size(call, 1),
          [](Napi::Env, void*, Mapping* held) { delete held; }, new Mapping(mapping));
    };
    const auto close = [mapping](const Napi::CallbackInfo& call) {
      const auto pieces = call[0].As<Napi::Array>();
      for (uint32_t i = 0; i < pieces.Length(); ++i) pieces.Get(i).As<Napi::ArrayBuffer>().Detach();
      mapping->close();
    };
    Napi::Object result = Napi::Object::New(env);
    result.Set("byteLength", Napi::Number::New(env, static_cast<double>(mapping->size())));
    result.Set("piece", Napi::Function::New(env, piece));
    result.Set("close", Napi::Function::New(env, close));
    return result;
  } catch (const FileError& failure) {
    throwFileError(env, failure);
  }
}

}  // namespace

void registerSharedMemory(Napi::Env env, Napi::Object exports) {
  define<createSharedMemory>(env, exports, "createSharedMemory");
  define<mapSharedMemory>(env, exports, "mapSharedMemory");
}

}  // namespace ane::binding

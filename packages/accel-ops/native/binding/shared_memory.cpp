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

// mapSharedMemory(descriptor: number): { buffer: ArrayBuffer, close(buffer: ArrayBuffer): void }
// close detaches the buffer first: no view of it can reach memory that is gone.
Napi::Value mapSharedMemory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  try {
    const Mapping mapping = std::make_shared<SharedMapping>(static_cast<int>(number(info, 0)));
    const auto close = [mapping](const Napi::CallbackInfo& call) {
      call[0].As<Napi::ArrayBuffer>().Detach();
      mapping->close();
    };
    Napi::Object result = Napi::Object::New(env);
    result.Set("buffer", Napi::ArrayBuffer::New(
                             env, mapping->data(), mapping->size(),
                             [](Napi::Env, void*, Mapping* held) { delete held; }, new Mapping(mapping)));
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

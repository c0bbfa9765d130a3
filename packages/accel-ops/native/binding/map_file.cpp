#include <memory>

#include "binding/arguments.h"
#include "binding/file_error.h"
#include "binding/register.h"
#include "core/mapped_file.h"

namespace ane::binding {
namespace {

using Mapping = std::shared_ptr<MappedFile>;

// The buffer keeps the mapping until it is collected, unless the mapping is closed before.
Napi::ArrayBuffer bufferOf(Napi::Env env, const Mapping& mapping) {
  if (mapping->size() == 0) return Napi::ArrayBuffer::New(env, 0);
  return Napi::ArrayBuffer::New(
      env, mapping->data(), mapping->size(), [](Napi::Env, void*, Mapping* held) { delete held; },
      new Mapping(mapping));
}

// mapFile(path: string, writable: boolean, size: number | undefined):
//   { buffer: ArrayBuffer, flush(): void, close(buffer: ArrayBuffer): void }
// close detaches the buffer first: no view of it can reach memory that is gone.
Napi::Value mapFile(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = info[0].As<Napi::String>();
  try {
    const Mapping mapping = std::make_shared<MappedFile>(
        info[2].IsUndefined() ? MappedFile::open(path, boolean(info, 1))
                              : MappedFile::create(path, size(info, 2)));
    const auto flush = [mapping](const Napi::CallbackInfo& call) {
      try {
        mapping->flush();
      } catch (const FileError& failure) {
        throwFileError(call.Env(), failure);
      }
    };
    const auto close = [mapping](const Napi::CallbackInfo& call) {
      call[0].As<Napi::ArrayBuffer>().Detach();
      mapping->close();
    };
    Napi::Object result = Napi::Object::New(env);
    result.Set("buffer", bufferOf(env, mapping));
    result.Set("flush", Napi::Function::New(env, flush));
    result.Set("close", Napi::Function::New(env, close));
    return result;
  } catch (const FileError& failure) {
    throwFileError(env, failure);
  }
}

}  // namespace

void registerMapFile(Napi::Env env, Napi::Object exports) {
  define<mapFile>(env, exports, "mapFile");
}

}  // namespace ane::binding

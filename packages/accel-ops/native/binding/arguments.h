// Reads the arguments of a binding function. The TypeScript wrappers have checked lengths, ranges
// and aliasing; what is checked here is that a value has the type the native code is about to
// assume.
#pragma once

#include <napi.h>

#include "core/element.h"

namespace ane::binding {

// Start of a typed array's own range (its byteOffset is respected) and its length in elements.
template <class T>
struct Span {
  T* data;
  size_t length;
};

// Throw Napi::TypeError when argument `index` is not of that type.
Span<float> floats(const Napi::CallbackInfo& info, size_t index);
Span<uint16_t> halves(const Napi::CallbackInfo& info, size_t index);
Span<int32_t> ints(const Napi::CallbackInfo& info, size_t index);
Span<uint32_t> unsignedInts(const Napi::CallbackInfo& info, size_t index);
Span<double> doubles(const Napi::CallbackInfo& info, size_t index);

// A Float32Array or a Uint16Array of half bits, from `offset` elements on.
Elements elements(Napi::Env env, napi_value value, size_t offset = 0);
Elements elements(const Napi::CallbackInfo& info, size_t index, size_t offset = 0);

// Numbers. Sizes are non-negative integers that the wrapper has checked.
double number(const Napi::CallbackInfo& info, size_t index);
size_t size(const Napi::CallbackInfo& info, size_t index);
bool boolean(const Napi::CallbackInfo& info, size_t index);

// Defines exports[name] = function; C++ exceptions of the function become JavaScript errors.
template <auto function>
void define(Napi::Env env, Napi::Object exports, const char* name);

[[noreturn]] void rethrowAsJavaScript(Napi::Env env);

template <auto function>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  try {
    if constexpr (std::is_void_v<decltype(function(info))>) {
      function(info);
      return info.Env().Undefined();
    } else {
      return function(info);
    }
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    rethrowAsJavaScript(info.Env());
  }
}

template <auto function>
void define(Napi::Env env, Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New(env, guarded<function>, name));
}

}  // namespace ane::binding

#include "binding/arguments.h"

#include <new>
#include <string>

namespace ane::binding {
namespace {

struct TypedArray {
  napi_typedarray_type type;
  void* data;
  size_t length;
};

bool typedArray(napi_env env, napi_value value, TypedArray& array) {
  return napi_get_typedarray_info(env, value, &array.type, &array.length, &array.data, nullptr,
                                  nullptr) == napi_ok;
}

[[noreturn]] void wrongType(Napi::Env env, size_t index, const char* wanted) {
  throw Napi::TypeError::New(env,
                             "native argument " + std::to_string(index) + ": must be a " + wanted);
}

template <class T>
Span<T> span(const Napi::CallbackInfo& info, size_t index, napi_typedarray_type type,
             const char* wanted) {
  TypedArray array;
  if (!typedArray(info.Env(), info[index], array) || array.type != type)
    wrongType(info.Env(), index, wanted);
  return {static_cast<T*>(array.data), array.length};
}

}  // namespace

Span<float> floats(const Napi::CallbackInfo& info, size_t index) {
  return span<float>(info, index, napi_float32_array, "Float32Array");
}

Span<uint16_t> halves(const Napi::CallbackInfo& info, size_t index) {
  return span<uint16_t>(info, index, napi_uint16_array, "Uint16Array");
}

Span<int32_t> ints(const Napi::CallbackInfo& info, size_t index) {
  return span<int32_t>(info, index, napi_int32_array, "Int32Array");
}

Span<uint32_t> unsignedInts(const Napi::CallbackInfo& info, size_t index) {
  return span<uint32_t>(info, index, napi_uint32_array, "Uint32Array");
}

Span<double> doubles(const Napi::CallbackInfo& info, size_t index) {
  return span<double>(info, index, napi_float64_array, "Float64Array");
}

Elements elements(Napi::Env env, napi_value value, size_t offset) {
  TypedArray array;
  if (typedArray(env, value, array)) {
    if (array.type == napi_float32_array)
      return Elements{array.data, Element::fp32} + static_cast<ptrdiff_t>(offset);
    if (array.type == napi_uint16_array)
      return Elements{array.data, Element::fp16} + static_cast<ptrdiff_t>(offset);
  }
  throw Napi::TypeError::New(env, "native argument: must be a Float32Array or a Uint16Array");
}

Elements elements(const Napi::CallbackInfo& info, size_t index, size_t offset) {
  return elements(info.Env(), info[index], offset);
}

double number(const Napi::CallbackInfo& info, size_t index) {
  if (!info[index].IsNumber()) wrongType(info.Env(), index, "number");
  return info[index].As<Napi::Number>().DoubleValue();
}

size_t size(const Napi::CallbackInfo& info, size_t index) {
  return static_cast<size_t>(number(info, index));
}

bool boolean(const Napi::CallbackInfo& info, size_t index) {
  if (!info[index].IsBoolean()) wrongType(info.Env(), index, "boolean");
  return info[index].As<Napi::Boolean>().Value();
}

void rethrowAsJavaScript(Napi::Env env) {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    throw Napi::Error::New(env,
                           "native memory: must suffice for the operation's workspace, got none. "
                           "Free memory or use smaller shapes.");
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, error.what());
  }
}

}  // namespace ane::binding

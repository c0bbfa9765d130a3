// A failed system call as a JavaScript error, which the TypeScript wrappers translate.
#pragma once

#include <napi.h>

#include "core/mapped_file.h"

namespace ane::binding {

// Throws an Error whose message is the system's text, with the properties `errno` and `call`.
[[noreturn]] inline void throwFileError(Napi::Env env, const FileError& failure) {
  Napi::Error error = Napi::Error::New(env, failure.what());
  error.Set("errno", Napi::Number::New(env, failure.number));
  error.Set("call", Napi::String::New(env, failure.call));
  throw error;
}

}  // namespace ane::binding

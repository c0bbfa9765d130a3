// Work on a thread of libuv's pool whose result settles a promise.
#pragma once

#include <napi.h>

#include <functional>

namespace ane::binding {

// @param work runs on another thread: no JavaScript, no exception
// @param result runs on the JavaScript thread afterwards: the promise's value, or it throws Napi::Error to reject. It
//   is not called when the environment ends first; what both functions hold is freed in any case.
Napi::Value startJob(Napi::Env env, std::function<void()> work, std::function<Napi::Value(Napi::Env)> result);

}  // namespace ane::binding

// A Failure as a JavaScript error with the properties `step`, `domain`, `errorCode`, `details` and `exception`.
#pragma once

#include <napi.h>

#include "ane/engine.h"

namespace ane::binding {

Napi::Error failureError(Napi::Env env, const Failure& failure);

}  // namespace ane::binding

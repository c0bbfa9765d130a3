// The wrappers pass a layout as the boolean `channelFirst`.
#pragma once

#include "binding/arguments.h"
#include "ops/layout.h"

namespace ane::binding {

inline Layout layout(const Napi::CallbackInfo& info, size_t index) {
  return boolean(info, index) ? Layout::channelFirst : Layout::tokenMajor;
}

}  // namespace ane::binding

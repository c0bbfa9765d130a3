#include "ops/fill_normal.h"

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// Numbers of the caller are safe integers, which a double holds exactly.
uint64_t wide(const Napi::CallbackInfo& info, size_t index) {
  return static_cast<uint64_t>(number(info, index));
}

// fillNormal(out: Float32Array, seed, stream, std, offset: number)
void fillNormal(const Napi::CallbackInfo& info) {
  const auto out = floats(info, 0);
  ane::fillNormal({wide(info, 1), wide(info, 2), number(info, 3)}, wide(info, 4), out.data,
                  out.length);
}

// philox4x32(counter: Uint32Array [4], key: Uint32Array [2], words: Uint32Array [4])
void philox4x32(const Napi::CallbackInfo& info) {
  fillNormalKernels().philox(unsignedInts(info, 0).data, unsignedInts(info, 1).data,
                             unsignedInts(info, 2).data);
}

}  // namespace

void registerFillNormal(Napi::Env env, Napi::Object exports) {
  define<fillNormal>(env, exports, "fillNormal");
  define<philox4x32>(env, exports, "philox4x32");
}

}  // namespace ane::binding

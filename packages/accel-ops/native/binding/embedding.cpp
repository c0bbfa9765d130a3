#include "ops/embedding.h"

#include "binding/arguments.h"
#include "binding/layout.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// embeddingGather(table: Float32Array, tokens: Uint32Array [rows], out: Float32Array, dim: number,
//                 channelFirst: boolean)
void embeddingGather(const Napi::CallbackInfo& info) {
  const auto tokens = unsignedInts(info, 1);
  ane::embeddingGather(
      {floats(info, 0).data, tokens.data, floats(info, 2).data, tokens.length, size(info, 3)},
      layout(info, 4));
}

// embeddingScatterAdd(dTable: Float32Array, tokens: Uint32Array [rows], dx: Float32Array,
//                     dim: number, channelFirst: boolean, accumulate: boolean)
void embeddingScatterAdd(const Napi::CallbackInfo& info) {
  const auto tokens = unsignedInts(info, 1);
  ane::embeddingScatterAdd({floats(info, 0).data, tokens.data, floats(info, 2).data, tokens.length,
                            size(info, 3), boolean(info, 5)},
                           layout(info, 4));
}

}  // namespace

void registerEmbedding(Napi::Env env, Napi::Object exports) {
  define<embeddingGather>(env, exports, "embeddingGather");
  define<embeddingScatterAdd>(env, exports, "embeddingScatterAdd");
}

}  // namespace ane::binding

#include "ops/copy_strided.h"

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// copyStrided(src, dst: Float32Array | Uint16Array, srcOffset, dstOffset: number,
//             geometry: Int32Array of sizes, strides of src, strides of dst)
void copyStrided(const Napi::CallbackInfo& info) {
  const auto geometry = ints(info, 4);
  CopyStrided a{};
  a.dims = geometry.length / 3;
  for (size_t i = 0; i < a.dims; ++i) {
    a.sizes[i] = static_cast<size_t>(geometry.data[i]);
    a.srcStrides[i] = geometry.data[a.dims + i];
    a.dstStrides[i] = geometry.data[2 * a.dims + i];
  }
  a.src = elements(info, 0, size(info, 2));
  a.dst = elements(info, 1, size(info, 3));
  ane::copyStrided(a);
}

}  // namespace

void registerCopyStrided(Napi::Env env, Napi::Object exports) { define<copyStrided>(env, exports, "copyStrided"); }

}  // namespace ane::binding

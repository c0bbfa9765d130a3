#include "ops/copy_strided.h"

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// copyStrided(src, dst, layout: Float64Array):
// layout is [rank, ...shape, src offset, ...src strides, dst offset, ...dst strides].
void copyStrided(const Napi::CallbackInfo& info) {
  const double* next = doubles(info, 2).data;
  CopyStrided args = {};
  args.rank = static_cast<size_t>(*next++);
  for (size_t d = 0; d < args.rank; ++d) args.shape[d] = static_cast<size_t>(*next++);
  args.src = elements(info, 0, static_cast<size_t>(*next++));
  for (size_t d = 0; d < args.rank; ++d) args.srcStrides[d] = static_cast<ptrdiff_t>(*next++);
  args.dst = elements(info, 1, static_cast<size_t>(*next++));
  for (size_t d = 0; d < args.rank; ++d) args.dstStrides[d] = static_cast<ptrdiff_t>(*next++);
  ane::copyStrided(args);
}

}  // namespace

void registerCopyStrided(Napi::Env env, Napi::Object exports) {
  define<copyStrided>(env, exports, "copyStrided");
}

}  // namespace ane::binding

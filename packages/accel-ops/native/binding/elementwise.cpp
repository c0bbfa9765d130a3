#include "ops/elementwise.h"

#include <vector>

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// elementwise(arrays: Real[] (inputs, then outputs), layout: Float64Array, code: Int32Array,
// constants: Float32Array, roundHalf): layout is [rank, inputs, ...shape, and for every operand its
// offset and strides].
void elementwise(const Napi::CallbackInfo& info) {
  const auto layout = doubles(info, 1);
  const auto code = ints(info, 2);
  const auto arrays = info[0].As<Napi::Array>();
  Elementwise args = {};
  args.rank = static_cast<size_t>(layout.data[0]);
  args.inputs = static_cast<size_t>(layout.data[1]);
  args.outputs = arrays.Length() - args.inputs;
  args.code = code.data;
  args.instructions = code.length / 4;
  args.constants = floats(info, 3).data;
  args.roundHalf = boolean(info, 4);
  const double* next = layout.data + 2;
  for (size_t d = 0; d < args.rank; ++d) args.shape[d] = static_cast<size_t>(*next++);
  std::vector<Operand> operands(arrays.Length());
  for (uint32_t i = 0; i < arrays.Length(); ++i) {
    operands[i].data = elements(info.Env(), arrays.Get(i), static_cast<size_t>(*next++));
    for (size_t d = 0; d < args.rank; ++d) operands[i].strides[d] = static_cast<ptrdiff_t>(*next++);
  }
  args.operands = operands.data();
  ane::elementwise(args);
}

}  // namespace

void registerElementwise(Napi::Env env, Napi::Object exports) {
  define<elementwise>(env, exports, "elementwise");
}

}  // namespace ane::binding

#include "program/program.h"

#include <vector>

#include "binding/arguments.h"
#include "binding/register.h"

namespace ane::binding {
namespace {

// createProgram(numbers: Float64Array): handle
Napi::Value createProgram(const Napi::CallbackInfo& info) {
  const auto numbers = doubles(info, 0);
  return Napi::External<Program>::New(info.Env(), new Program(numbers.data, numbers.length),
                                      [](Napi::Env, Program* program) { delete program; });
}

// runProgram(handle, memory: Real[]): what the program does not use may be anything
void runProgram(const Napi::CallbackInfo& info) {
  const Program& program = *info[0].As<Napi::External<Program>>().Data();
  const auto memory = info[1].As<Napi::Array>();
  std::vector<Elements> buffers(program.buffers());
  for (const size_t buffer : program.used()) {
    buffers[buffer] = elements(info.Env(), memory.Get(static_cast<uint32_t>(buffer)));
  }
  program.run(buffers.data());
}

}  // namespace

void registerProgram(Napi::Env env, Napi::Object exports) {
  define<createProgram>(env, exports, "createProgram");
  define<runProgram>(env, exports, "runProgram");
}

}  // namespace ane::binding

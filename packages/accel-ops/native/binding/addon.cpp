// Entry point of the addon. Instances are per JavaScript thread; the thread pool behind them is the
// process's.
#include "binding/register.h"

#include "core/cpu.h"
#include "core/thread_pool.h"

namespace ane::binding {
namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  try {
    activeIsa();
    threadCount();
  } catch (const std::exception& error) {
    // A bad ANE_ACCEL_ISA or ANE_THREADS must stop the load, not surface in the middle of a
    // computation.
    throw Napi::Error::New(env, error.what());
  }
  registerAlignedBuffer(env, exports);
  registerConvert(env, exports);
  registerCopyStrided(env, exports);
  registerCpuInfo(env, exports);
  registerElementwise(env, exports);
  registerGemm(env, exports);
  registerActivation(env, exports);
  registerAdamW(env, exports);
  registerCrossEntropy(env, exports);
  registerEmbedding(env, exports);
  registerFillNormal(env, exports);
  registerLimits(env, exports);
  registerProgram(env, exports);
  registerRmsNorm(env, exports);
  registerRope(env, exports);
  registerSoftmax(env, exports);
  registerReduce(env, exports);
  registerTranspose(env, exports);
  registerVector(env, exports);
  registerMapFile(env, exports);
  registerSharedMemory(env, exports);
  return exports;
}

NODE_API_MODULE(NODE_GYP_MODULE_NAME, init)

}  // namespace
}  // namespace ane::binding

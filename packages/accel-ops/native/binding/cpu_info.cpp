#include "binding/arguments.h"
#include "binding/register.h"
#include "core/cpu.h"
#include "core/thread_pool.h"
#include "gemm/gemm.h"

namespace ane::binding {
namespace {

Napi::Value cpuInfo(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array features = Napi::Array::New(env);
  for (const std::string& name : cpuFeatures()) features.Set(features.Length(), name);
  Napi::Object result = Napi::Object::New(env);
  result.Set("isa", isaName(activeIsa()));
  result.Set("features", features);
  result.Set("threads", threadCount());
  result.Set("gemm", gemmBackend());
  return result;
}

// setThreads(count)
void setThreads(const Napi::CallbackInfo& info) { setThreadCount(static_cast<int>(size(info, 0))); }

}  // namespace

void registerCpuInfo(Napi::Env env, Napi::Object exports) {
  define<cpuInfo>(env, exports, "cpuInfo");
  define<setThreads>(env, exports, "setThreads");
}

}  // namespace ane::binding

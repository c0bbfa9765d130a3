// The machine's limits, for benchmarks; not part of the package's interface.
#include "binding/arguments.h"
#include "binding/register.h"
#include "core/bandwidth.h"
#include "core/peak.h"

namespace ane::binding {
namespace {

// measurePeak(seconds): fp32 operations per second, with the instruction set in use.
Napi::Value measurePeak(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), ane::measurePeak(number(info, 0)));
}

// measurePeaks(seconds): operations per second by feature of the processor.
Napi::Value measurePeaks(const Napi::CallbackInfo& info) {
  Napi::Object result = Napi::Object::New(info.Env());
  for (const auto& [feature, rate] : ane::measurePeaks(number(info, 0))) result.Set(feature, rate);
  return result;
}

// measureBandwidth(bytes per array, seconds): bytes per second by kind of pass.
Napi::Value measureBandwidth(const Napi::CallbackInfo& info) {
  const Bandwidth bandwidth = ane::measureBandwidth(size(info, 0), number(info, 1));
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("read", bandwidth.read);
  result.Set("write", bandwidth.write);
  result.Set("streamingWrite", bandwidth.streamingWrite);
  result.Set("copy", bandwidth.copy);
  result.Set("streamingCopy", bandwidth.streamingCopy);
  result.Set("update", bandwidth.update);
  result.Set("triad", bandwidth.triad);
  result.Set("streamingTriad", bandwidth.streamingTriad);
  return result;
}

}  // namespace

void registerLimits(Napi::Env env, Napi::Object exports) {
  define<measurePeak>(env, exports, "measurePeak");
  define<measurePeaks>(env, exports, "measurePeaks");
  define<measureBandwidth>(env, exports, "measureBandwidth");
}

}  // namespace ane::binding

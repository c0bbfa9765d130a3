#include <atomic>
#include <chrono>
#include <thread>

#import "ane/failure.h"
#import "ane/folder.h"
#import "ane/framework.h"
#import "ane/model_state.h"

namespace ane {
namespace {

using State = Model::State;

// The hardware's time, the first of the statistics. The others want a surface of their own to write to.
constexpr unsigned int kHardwareTime = 1;
constexpr auto kPauseBeforeRetry = std::chrono::milliseconds(100);

std::atomic<uint32_t> loadedCount{0};

// A call has succeeded if it says YES and reports no error: either alone is a failure.
bool compile(State& state, Failure* failure) {
  NSError *error = nil;
  const bool compiled = [state.model.get() compileWithQoS:state.qos options:[NSDictionary dictionary] error:&error];
  if (compiled && !error) return true;
  return failWithError(failure, "compile", error, "compileWithQoS:options:error: returned NO without an NSError");
}

bool load(State& state, Failure* failure) {
  NSError *error = nil;
  if ([state.model.get() loadWithQoS:state.qos options:optionsOf(state) error:&error]) {
    state.loaded = true;
    loadedCount++;
    if (!error) return true;
  }
  return failWithError(failure, "load", error, "loadWithQoS:options:error: returned NO without an NSError");
}

bool unload(State& state, Failure* failure) {
  if (!state.loaded) return true;
  state.loaded = false;
  loadedCount--;
  NSError *error = nil;
  const bool unloaded = [state.model.get() unloadWithQoS:state.qos error:&error];
  if (unloaded && !error) return true;
  return failWithError(failure, "unload", error, "unloadWithQoS:error: returned NO without an NSError");
}

NSDictionary *weightDictionary(const std::vector<WeightFile>& files) {
  NSMutableDictionary *weights = [NSMutableDictionary dictionary];
  for (const WeightFile& file : files) {
    NSDictionary *entry = @{@"offset" : @0, @"data" : [NSData dataWithBytes:file.data length:file.bytes]};
    [weights setObject:entry forKey:[NSString stringWithUTF8String:file.path.c_str()]];
  }
  return weights;
}

}  // namespace

NSDictionary *optionsOf(const State& state) {
  if (state.driverMask == 0) return [NSDictionary dictionary];
  return @{@"kANEFPerformanceStatsMask" : @(kHardwareTime)};
}

bool describe(const ModelSpec& spec, State& state, Failure* failure) {
  state.text = Ref<NSData *>([NSData dataWithBytes:spec.text.data() length:spec.text.size()]);
  state.weights = Ref<NSDictionary *>(weightDictionary(spec.weights));
  id descriptor = [framework().descriptor modelWithMILText:state.text.get()
                                                   weights:state.weights.get()
                                              optionsPlist:nil];
  if (!descriptor) {
    return fail(failure, "descriptor",
                "+[_ANEInMemoryModelDescriptor modelWithMILText:weights:optionsPlist:] returned nil");
  }
  id<ANEInMemoryModel> model = [framework().model inMemoryModelWithDescriptor:descriptor];
  if (!model) return fail(failure, "descriptor", "+[_ANEInMemoryModel inMemoryModelWithDescriptor:] returned nil");
  state.model = Ref<id<ANEInMemoryModel>>(model);
  NSString *identifier = [model hexStringIdentifier];
  if (!identifier) return fail(failure, "descriptor", "-[_ANEInMemoryModel hexStringIdentifier] returned nil");
  state.identifier = textOf(identifier);
  state.cached = framework().hasCompileCache && [model compiledModelExists];
  state.qos = spec.qos;
  // Without the class it is a message to Nil: 0.
  if (spec.performanceStats) state.driverMask = [framework().performanceStats driverMaskForANEFMask:kHardwareTime];
  return true;
}

bool makeReady(State& state, bool mayCompile, bool* compiled, Failure* failure) {
  const FolderLock lock(state.identifier, failure);
  if (!lock || !enterFolder(state.identifier, failure)) return false;
  state.hasFolder = true;
  if (!writeFolder(state.identifier, state.text.get(), state.weights.get(), failure)) return false;
  state.text = Ref<NSData *>();
  state.weights = Ref<NSDictionary *>();
  if (state.driverMask != 0) [state.model.get() setPerfStatsMask:state.driverMask];
  if (state.cached && load(state, failure)) return true;
  if (state.loaded || !mayCompile || !compile(state, failure)) return false;
  *compiled = true;
  if (load(state, failure)) return true;
  if (state.loaded) return false;
  // Directly after compiling the first attempt is sometimes refused (maderix/ANE ane_bridge.m).
  std::this_thread::sleep_for(kPauseBeforeRetry);
  return load(state, failure);
}

bool release(State& state, Failure* failure) {
  bool succeeded = true;
  const auto attempt = [&](auto step) {
    Failure later;
    bool done = false;
    @try {
      done = step(&later);
    } @catch (id thrown) {
      failWithThrown(&later, "unload", thrown);
    }
    if (succeeded && !done) *failure = later;
    succeeded = succeeded && done;
  };
  if (state.hasFolder) {
    state.hasFolder = false;
    Failure unreported;  // without the lock the steps are as good as they can be
    const FolderLock lock(state.identifier, &unreported);
    attempt([&](Failure* later) { return unload(state, later); });
    attempt([&](Failure* later) { return leaveFolder(state.identifier, later); });
  }
  attempt([&](Failure*) {
    state.requests->clear();
    state.model = Ref<id<ANEInMemoryModel>>();
    state.text = Ref<NSData *>();
    state.weights = Ref<NSDictionary *>();
    return true;
  });
  return succeeded;
}

uint32_t loadedModels() noexcept { return loadedCount; }

}  // namespace ane

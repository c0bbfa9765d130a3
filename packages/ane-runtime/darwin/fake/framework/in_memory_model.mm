// _ANEInMemoryModel. What it does besides its selectors follows decompilations of the iOS framework; see
// darwin/README.md.
#include <atomic>
#include <cstdlib>
#include <memory>

#include <unistd.h>

#include "core/daemon_client.h"
#include "core/ledger.h"
#include "core/program.h"
#include "core/settings.h"
#import "framework/evaluation.h"
#import "framework/model_attributes.h"
#import "framework/model_descriptor.h"
#import "framework/model_folder.h"
#import "framework/outcome.h"
#import "framework/performance_stats.h"
#import "framework/publish.h"

using fake::Count;
using fake::Setting;

namespace {

// C++ state of a model: ivars of class type would not be constructed by this runtime.
struct ModelCore {
  std::unique_ptr<fake::Program> program;
  std::atomic<int> evaluations{0};
  // The statistics masks with which the model was loaded: its property, and that of the options.
  unsigned propertyMask = 0, optionsMask = 0;
};

// Successful runs of the compiler: what each leaks is memory of the process.
std::atomic<long> compilations{0};

NSString *const STATISTICS_MASK = @"kANEFPerformanceStatsMask";

// The cache of compiled programs that the process uses: the daemon keeps one for each value of FAKE_ANE_CACHE.
std::string cachePath() {
  const char *path = std::getenv("FAKE_ANE_CACHE");
  return path ? path : "";
}

unsigned maskIn(NSDictionary *options) { return [[options objectForKey:STATISTICS_MASK] unsignedIntValue]; }

unsigned wantedStatistics(const ModelCore *core, NSDictionary *options) {
  switch (fake::get(Setting::performanceStats)) {
    case 0: return 0;
    case 1: return core->propertyMask | core->optionsMask | maskIn(options);
    default: return core->optionsMask & maskIn(options);
  }
}

NSString *text(const std::string &value) { return [NSString stringWithUTF8String:value.c_str()]; }

}  // namespace

@interface FakeModelState : NSObject {
 @public
  FakeDescriptorState *descriptor;
  NSString *hexStringIdentifier;
  NSDictionary *attributes;
  unsigned perfStatsMask;
  ModelCore *core;
}
@end

@implementation FakeModelState
- (void)dealloc {
  if (core->program) fake::violation("a model was released while it is loaded");
  if (core->evaluations > 0) fake::violation("a model was released while it is evaluated");
  if (core->program) fake::add(Count::loadedModels, -1);
  [descriptor release];
  [hexStringIdentifier release];
  [attributes release];
  delete core;
  fake::add(Count::models, -1);
  [super dealloc];
}
@end

@interface FakeModel : FakeModelState
@end

@implementation FakeModel

+ (void)load {
  fake::publishClass(self, "_ANEInMemoryModel");
}

+ (id)inMemoryModelWithDescriptor:(FakeDescriptorState *)descriptor {
  if (fake::returnsNothing("inMemoryModelWithDescriptor")) return nil;
  if (![descriptor isKindOfClass:[FakeDescriptorState class]])
    fake::refuse("inMemoryModelWithDescriptor: the descriptor must be an _ANEInMemoryModelDescriptor");
  FakeModelState *model = [[NSAllocateObject(self, 0, NULL) init] autorelease];
  fake::add(Count::models);
  model->descriptor = [descriptor retain];
  model->hexStringIdentifier = [descriptor->hexStringIdentifier retain];
  model->attributes = [[NSDictionary alloc] init];
  model->core = new ModelCore;
  return model;
}

- (NSString *)hexStringIdentifier {
  if (fake::returnsNothing("hexStringIdentifier")) return nil;
  return [[hexStringIdentifier retain] autorelease];
}

- (NSDictionary *)modelAttributes {
  if (fake::returnsNothing("modelAttributes")) return nil;
  return [[attributes retain] autorelease];
}

- (void)setPerfStatsMask:(unsigned int)mask {
  fake::returnsNothing("setPerfStatsMask");
  perfStatsMask = mask;
}

- (unsigned int)perfStatsMask {
  return perfStatsMask;
}

- (unsigned long long)state {
  return core->program ? 3 : 0;
}

- (BOOL)compiledModelExists {
  if (fake::returnsNothing("compiledModelExists")) return NO;
  return fake::askDaemon({"exists", cachePath(), [hexStringIdentifier UTF8String]}).ok;
}

- (void)purgeCompiledModel {
  fake::askDaemon({"purge", cachePath(), [hexStringIdentifier UTF8String]});
}

- (BOOL)compileWithQoS:(unsigned int)qos options:(NSDictionary *)options error:(NSError **)error {
  fake::checkQoSAndOptions("compileWithQoS", qos, options);
  NSString *folder = fake::modelFolder(hexStringIdentifier);
  if (descriptor) {
    if (NSString *defect = fake::folderDefect(folder, descriptor)) {
      fake::violation(std::string("compileWithQoS: in the model's folder ") + [defect UTF8String]);
      fake::report(error, fake::COMPILER_DOMAIN, 1, [NSString stringWithFormat:@"InvalidMILProgram: %@", defect]);
      return NO;
    }
    // Where its own files cannot be written the framework fails without an NSError.
    if (!fake::saveFrameworkFiles(folder, descriptor)) return NO;
  }
  [descriptor release];
  descriptor = nil;
  if (fake::fails("compileWithQoS", error)) return NO;
  const bool cached = fake::askDaemon({"exists", cachePath(), [hexStringIdentifier UTF8String]}).ok;
  const long budget = fake::get(Setting::compileBudget);
  if (!cached && budget > 0 && compilations >= budget) {
    fake::report(error, fake::COMPILER_DOMAIN, 1, @"_ANECompiler : ANECCompile() FAILED");
    return NO;
  }
  const fake::Reply reply =
      fake::askDaemon({"compile", cachePath(), [hexStringIdentifier UTF8String], [folder UTF8String]});
  if (!reply.ok) {
    fake::report(error, fake::COMPILER_DOMAIN, 1, text("_ANECompiler : ANECCompile() FAILED: err=(InvalidMILProgram) " +
                                                       reply.fields.at(0)));
    return NO;
  }
  if (!cached) compilations++;
  fake::add(cached ? Count::cachedCompiles : Count::compiles);
  return YES;
}

- (BOOL)loadWithQoS:(unsigned int)qos options:(NSDictionary *)options error:(NSError **)error {
  fake::checkQoSAndOptions("loadWithQoS", qos, options);
  fake::add(Count::loads);
  if (core->program) fake::violation("loadWithQoS: the model is loaded already");
  if (fake::fails("loadWithQoS", error)) return NO;
  const long limit = fake::get(Setting::loadedLimit);
  const fake::Reply reply =
      limit > 0 && fake::value(Count::loadedModels) >= limit
          ? fake::Reply{false, {"loadModel:options:qos:error:: Program load failure (0x50004): no slot is free"}}
          : fake::askDaemon({"load", cachePath(), [hexStringIdentifier UTF8String], std::to_string(getpid())});
  if (!reply.ok) {
    fake::report(error, fake::GENERIC_DOMAIN, 5, text(reply.fields.at(0)));
    return NO;
  }
  core->program = std::make_unique<fake::Program>(
      fake::makeProgram(reply.fields.front(), {reply.fields.begin() + 1, reply.fields.end()}));
  core->propertyMask = perfStatsMask;
  core->optionsMask = maskIn(options);
  fake::add(Count::loadedModels);
  if (fake::get(Setting::attributes)) {
    [attributes release];
    attributes = [fake::modelAttributes(*core->program) retain];
  }
  return YES;
}

- (BOOL)evaluateWithQoS:(unsigned int)qos
                options:(NSDictionary *)options
                request:(FakeRequestState *)request
                  error:(NSError **)error {
  fake::checkQoSAndOptions("evaluateWithQoS", qos, options);
  if (![request isKindOfClass:[FakeRequestState class]])
    fake::refuse("evaluateWithQoS: the request must be an _ANERequest");
  fake::add(Count::evaluations);
  // As on a Mac, neither of these comes with an NSError.
  if (!core->program || !fake::isValid(request)) {
    fake::violation("evaluateWithQoS: the model is not loaded, or the request not valid");
    return NO;
  }
  if (fake::get(Setting::virtualMachine)) {
    fake::report(error, fake::GENERIC_DOMAIN, 20, @"evaluateWithQoS:options:request:error:: host too old");
    return NO;
  }
  core->evaluations++;
  BOOL succeeded = NO;
  @try {
    unsigned long long nanoseconds = 0;
    succeeded = fake::evaluate(*core->program, request, &nanoseconds, error);
    if (succeeded && fake::driverMask(wantedStatistics(core, options)) != 0) {
      [request->perfStats release];
      request->perfStats = [fake::makePerformanceStats(nanoseconds) retain];
    }
  } @finally {
    core->evaluations--;
  }
  return succeeded;
}

- (BOOL)unloadWithQoS:(unsigned int)qos error:(NSError **)error {
  fake::checkQoSAndOptions("unloadWithQoS", qos, [NSDictionary dictionary]);
  fake::add(Count::unloads);
  [[NSFileManager defaultManager] removeItemAtPath:fake::modelFolder(hexStringIdentifier) error:NULL];
  if (core->evaluations > 0) fake::violation("unloadWithQoS: the model is being evaluated");
  if (!core->program) {
    fake::violation("unloadWithQoS: the model is not loaded");
    fake::report(error, fake::GENERIC_DOMAIN, 5, @"unloadModel:options:qos:error:: not loaded");
    return NO;
  }
  fake::askDaemon({"unload", core->program->handle});
  core->program.reset();
  fake::add(Count::loadedModels, -1);
  // The slot is free all the same: there is nothing that a caller could do about a failed unload.
  return fake::fails("unloadWithQoS", error) ? NO : YES;
}

@end

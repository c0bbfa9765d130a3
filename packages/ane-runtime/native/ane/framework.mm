// Opens the framework and checks what will be used of it: a selector that is missing, or that takes other types than
// those it is called with, must be an error at the start, not a crash in the middle.
#import "ane/framework.h"

#include <dlfcn.h>
#import <objc/runtime.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#import "ane/failure.h"
#include "ane/folder.h"

#ifndef ANE_FRAMEWORK_PATH
#define ANE_FRAMEWORK_PATH "/System/Library/PrivateFrameworks/AppleNeuralEngine.framework/AppleNeuralEngine"
#endif

namespace ane {
namespace {

Framework opened;

enum class Use { kAlways, kCompileCache, kAttributes, kStatistics, kDeviceInfo };

struct UsedMethod {
  const char* className;
  bool ofClass;
  SEL selector;
  // As in the class-dumps that private-api.h names; B is BOOL.
  const char* encoding;
  Use use;
};

std::vector<UsedMethod> methodsToCheck() {
  return {
      {"_ANEInMemoryModelDescriptor", true, @selector(modelWithMILText:weights:optionsPlist:), "@@:@@@", Use::kAlways},
      {"_ANEInMemoryModel", true, @selector(inMemoryModelWithDescriptor:), "@@:@", Use::kAlways},
      {"_ANEInMemoryModel", false, @selector(hexStringIdentifier), "@@:", Use::kAlways},
      {"_ANEInMemoryModel", false, @selector(compileWithQoS:options:error:), "B@:I@^@", Use::kAlways},
      {"_ANEInMemoryModel", false, @selector(loadWithQoS:options:error:), "B@:I@^@", Use::kAlways},
      {"_ANEInMemoryModel", false, @selector(evaluateWithQoS:options:request:error:), "B@:I@@^@", Use::kAlways},
      {"_ANEInMemoryModel", false, @selector(unloadWithQoS:error:), "B@:I^@", Use::kAlways},
      {"_ANERequest", true,
       @selector(requestWithInputs:inputIndices:outputs:outputIndices:weightsBuffer:perfStats:procedureIndex:),
       "@@:@@@@@@@", Use::kAlways},
      {"_ANEIOSurfaceObject", true, @selector(objectWithIOSurface:), "@@:^{__IOSurface=}", Use::kAlways},
      {"_ANEInMemoryModel", false, @selector(compiledModelExists), "B@:", Use::kCompileCache},
      {"_ANEInMemoryModel", false, @selector(modelAttributes), "@@:", Use::kAttributes},
      {"_ANEInMemoryModel", false, @selector(setPerfStatsMask:), "v@:I", Use::kStatistics},
      {"_ANERequest", false, @selector(perfStats), "@@:", Use::kStatistics},
      {"_ANEPerformanceStats", true, @selector(driverMaskForANEFMask:), "I@:I", Use::kStatistics},
      {"_ANEPerformanceStats", false, @selector(hwExecutionTime), "Q@:", Use::kStatistics},
      {"_ANEDeviceInfo", true, @selector(hasANE), "B@:", Use::kDeviceInfo},
      {"_ANEDeviceInfo", true, @selector(isVirtualMachine), "B@:", Use::kDeviceInfo},
      {"_ANEDeviceInfo", true, @selector(numANEs), "I@:", Use::kDeviceInfo},
      {"_ANEDeviceInfo", true, @selector(numANECores), "I@:", Use::kDeviceInfo},
      {"_ANEDeviceInfo", true, @selector(aneArchitectureType), "@@:", Use::kDeviceInfo},
      {"_ANEDeviceInfo", true, @selector(buildVersion), "@@:", Use::kDeviceInfo},
  };
}

// An encoding without what differs between runtimes for one and the same call: stack offsets, qualifiers such as
// `const`, and the inside of structs, which depends on how much of them the framework's compiler saw.
std::string essence(const char* encoding) {
  std::string kept;
  size_t depth = 0;
  bool inName = false;
  for (const char* p = encoding; *p; p++) {
    if (*p == '}') {
      depth--;
      inName = false;
      if (depth == 0) kept += *p;
    } else if (*p == '{') {
      if (depth == 0) kept += *p;
      inName = depth == 0;
      depth++;
    } else if (depth > 0) {
      if (inName) kept += *p;
      if (*p == '=') inName = false;
    } else if (!std::strchr("0123456789rnNoORV", *p)) {
      kept += *p;
    }
  }
  return kept;
}

// BOOL is `bool` on arm64 and a kind of char elsewhere.
std::string expectedHere(const char* encoding) {
  std::string expected = encoding;
  for (char& letter : expected) {
    if (letter == 'B') letter = @encode(BOOL)[0];
  }
  return expected;
}

// Empty if the method is there and takes these types, else what is wrong with it.
std::string defectOf(const UsedMethod& method) {
  Class owner = NSClassFromString([NSString stringWithUTF8String:method.className]);
  if (!owner) return std::string("class ") + method.className + " is missing";
  const SEL selector = method.selector;
  const std::string name =
      std::string(method.ofClass ? "+[" : "-[") + method.className + " " + sel_getName(selector) + "]";
  const bool responds =
      method.ofClass ? [owner respondsToSelector:selector] : [owner instancesRespondToSelector:selector];
  const auto found = method.ofClass ? class_getClassMethod(owner, selector) : class_getInstanceMethod(owner, selector);
  if (!responds || !found) return name + " is missing";
  const char* actual = method_getTypeEncoding(found);
  if (actual && essence(actual) == expectedHere(method.encoding)) return "";
  return name + " has other types: expected " + method.encoding + ", got " + (actual ? actual : "none");
}

// A class that is missing is named once, not with each of its methods.
void note(const std::string& defect, std::vector<std::string>* defects) {
  if (std::find(defects->begin(), defects->end(), defect) == defects->end()) defects->push_back(defect);
}

// True if everything is there that is always needed; *needed is what is not.
bool check(Framework* framework, std::string* needed) {
  std::vector<std::string> defects;
  bool hasStatistics = framework->hasCompileCache = framework->hasAttributes = true;
  for (const UsedMethod& method : methodsToCheck()) {
    const std::string defect = defectOf(method);
    if (defect.empty()) {
      if (method.use == Use::kDeviceInfo) framework->deviceInfoMethods.insert(sel_getName(method.selector));
      continue;
    }
    note(defect, method.use == Use::kAlways ? &defects : &framework->missing);
    if (method.use == Use::kCompileCache) framework->hasCompileCache = false;
    if (method.use == Use::kAttributes) framework->hasAttributes = false;
    if (method.use == Use::kStatistics) hasStatistics = false;
  }
  if (hasStatistics) framework->performanceStats = NSClassFromString(@"_ANEPerformanceStats");
  for (const std::string& defect : defects) *needed += (needed->empty() ? "" : "; ") + defect;
  return defects.empty();
}

bool open(Failure* failure) {
  if (!dlopen(ANE_FRAMEWORK_PATH, RTLD_NOW)) {
    const char* reason = dlerror();
    return fail(failure, "open", reason ? reason : "dlopen(" ANE_FRAMEWORK_PATH ") failed");
  }
  std::string needed;
  if (!check(&opened, &needed)) return fail(failure, "open", needed);
  opened.descriptor = NSClassFromString(@"_ANEInMemoryModelDescriptor");
  opened.model = NSClassFromString(@"_ANEInMemoryModel");
  opened.request = NSClassFromString(@"_ANERequest");
  opened.surfaceObject = NSClassFromString(@"_ANEIOSurfaceObject");
  opened.deviceInfo = NSClassFromString(@"_ANEDeviceInfo");
  sweepFolders();
  return true;
}

}  // namespace

const Framework& framework() { return opened; }

std::vector<MethodState> methodStates() noexcept {
  std::vector<MethodState> states;
  if (!dlopen(ANE_FRAMEWORK_PATH, RTLD_NOW)) return states;
  @autoreleasepool {
    for (const UsedMethod& method : methodsToCheck()) {
      const std::string name = std::string(method.ofClass ? "+" : "-") + sel_getName(method.selector);
      states.push_back({method.className, name, method.use == Use::kAlways, defectOf(method)});
    }
  }
  return states;
}

bool openFramework(Failure* failure) noexcept {
  static std::once_flag once;
  static Failure outcome;
  static bool succeeded = false;
  std::call_once(once, [] {
    @autoreleasepool {
      @try {
        succeeded = open(&outcome);
      } @catch (id thrown) {
        succeeded = failWithThrown(&outcome, "open", thrown);
      }
    }
  });
  if (!succeeded) *failure = outcome;
  return succeeded;
}

}  // namespace ane

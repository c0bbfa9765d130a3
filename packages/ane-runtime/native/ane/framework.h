// The private framework's classes, found and checked by `openFramework`.
#pragma once

#include <set>
#include <string>
#include <vector>

#import "ane/private-api.h"

namespace ane {

struct Framework {
  Class<ANEInMemoryModelDescriptorClass> descriptor = Nil;
  Class<ANEInMemoryModelClass> model = Nil;
  Class<ANERequestClass> request = Nil;
  Class<ANEIOSurfaceObjectClass> surfaceObject = Nil;
  // Nil where the system lacks the class or part of it.
  Class<ANEPerformanceStatsClass> performanceStats = Nil;
  // Those of its methods may be called that are named.
  Class<ANEDeviceInfoClass> deviceInfo = Nil;
  std::set<std::string> deviceInfoMethods;
  bool hasCompileCache = false;
  bool hasAttributes = false;
  // What of the optional parts is not there, such as "-[_ANEInMemoryModel compiledModelExists] is missing".
  std::vector<std::string> missing;
};

// Valid after a successful `openFramework`.
const Framework& framework();

}  // namespace ane

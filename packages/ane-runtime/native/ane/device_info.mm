// What the framework says of the machine. Every method is optional: the list grew with the systems.
#import "ane/failure.h"
#import "ane/framework.h"

namespace ane {
namespace {

void fill(DeviceInfo& info) {
  Class<ANEDeviceInfoClass> source = framework().deviceInfo;
  const auto has = [](const char* method) { return framework().deviceInfoMethods.count(method) > 0; };
  if (has("hasANE")) info.hasEngine = [source hasANE];
  if (has("isVirtualMachine")) info.virtualMachine = [source isVirtualMachine];
  if (has("numANEs")) info.engines = [source numANEs];
  if (has("numANECores")) info.cores = [source numANECores];
  if (has("aneArchitectureType")) info.architecture = textOf([source aneArchitectureType]);
  if (has("buildVersion")) info.buildVersion = textOf([source buildVersion]);
}

}  // namespace

DeviceInfo deviceInfo() noexcept {
  DeviceInfo info;
  info.missing = framework().missing;
  @autoreleasepool {
    @try {
      fill(info);
    } @catch (id thrown) {
      info.missing.push_back("_ANEDeviceInfo: " + textOf(thrown));
    }
  }
  return info;
}

}  // namespace ane

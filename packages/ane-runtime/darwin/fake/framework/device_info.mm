// _ANEDeviceInfo of a Mac that does not exist: an M4 by its architecture.
#import <Foundation/Foundation.h>

#include "core/settings.h"
#import "framework/outcome.h"
#import "framework/publish.h"

@interface FakeDeviceInfo : NSObject
@end

@implementation FakeDeviceInfo

+ (void)load {
  fake::publishClass(self, "_ANEDeviceInfo");
}

+ (BOOL)hasANE {
  fake::returnsNothing("hasANE");
  return fake::get(fake::Setting::hasEngine) != 0;
}

+ (BOOL)isVirtualMachine {
  return fake::get(fake::Setting::virtualMachine) != 0;
}

+ (unsigned int)numANEs {
  return 1;
}

+ (unsigned int)numANECores {
  return 16;
}

+ (NSString *)aneArchitectureType {
  if (fake::returnsNothing("aneArchitectureType")) return nil;
  return @"h16g";
}

+ (NSString *)aneSubType {
  return @"h16";
}

+ (NSString *)aneSubTypeVariant {
  return @"g";
}

+ (NSString *)aneSubTypeProductVariant {
  return @"";
}

+ (long long)aneBoardType {
  return 144;
}

+ (NSString *)productName {
  return @"macOS";
}

+ (NSString *)buildVersion {
  return @"24E263";
}

+ (BOOL)precompiledModelChecksDisabled {
  return NO;
}

@end

#import "framework/performance_stats.h"

#include "core/ledger.h"
#import "framework/outcome.h"
#import "framework/publish.h"

@interface FakePerformanceStatsState : NSObject {
 @public
  unsigned long long nanoseconds;
}
@end

@implementation FakePerformanceStatsState
- (void)dealloc {
  fake::add(fake::Count::statistics, -1);
  [super dealloc];
}
@end

@interface FakePerformanceStats : FakePerformanceStatsState
@end

@implementation FakePerformanceStats

+ (void)load {
  fake::publishClass(self, "_ANEPerformanceStats");
}

+ (id)statsWithHardwareExecutionNS:(unsigned long long)value {
  if (fake::returnsNothing("statsWithHardwareExecutionNS")) return nil;
  FakePerformanceStatsState *stats = [[NSAllocateObject(self, 0, NULL) init] autorelease];
  stats->nanoseconds = value;
  fake::add(fake::Count::statistics);
  return stats;
}

+ (unsigned int)driverMaskForANEFMask:(unsigned int)mask {
  return fake::returnsNothing("driverMaskForANEFMask") ? 0 : fake::driverMask(mask);
}

- (unsigned long long)hwExecutionTime {
  return nanoseconds;
}

@end

namespace fake {

id makePerformanceStats(unsigned long long nanoseconds) {
  return [(id)NSClassFromString(@"_ANEPerformanceStats") statsWithHardwareExecutionNS:nanoseconds];
}

// Bit by bit as decompilations of the iOS framework show it.
unsigned driverMask(unsigned mask) {
  return mask > 15 ? 0 : (mask & 1) | ((mask >> 3 & 1) << 1) | ((mask >> 1 & 3) << 2);
}

}  // namespace fake

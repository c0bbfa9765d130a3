// _ANEPerformanceStats: what the driver measured of one evaluation.
#pragma once

#import <Foundation/Foundation.h>

namespace fake {

// An autoreleased _ANEPerformanceStats.
id makePerformanceStats(unsigned long long nanoseconds);

// What the driver can measure of what is asked for.
unsigned driverMask(unsigned mask);

}  // namespace fake

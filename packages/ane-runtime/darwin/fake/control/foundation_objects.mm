#include "control/foundation_objects.h"

#import <Foundation/NSDebug.h>
#import <objc/runtime.h>
#import <Foundation/Foundation.h>

namespace fake {

void countFoundationObjects() { GSDebugAllocationActive(YES); }

std::vector<std::pair<std::string, int>> foundationObjects() {
  std::vector<std::pair<std::string, int>> counts;
  Class *classes = GSDebugAllocationClassList();
  for (Class *next = classes; *next; next++) {
    const int count = GSDebugAllocationCount(*next);
    if (count != 0) counts.emplace_back(class_getName(*next), count);
  }
  NSZoneFree(NSDefaultMallocZone(), classes);
  return counts;
}

}  // namespace fake

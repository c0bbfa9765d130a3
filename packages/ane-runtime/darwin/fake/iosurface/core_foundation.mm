// CoreFoundation's retain counts on Objective-C objects.
#import <CoreFoundation/CoreFoundation.h>
#import <Foundation/Foundation.h>

CFTypeRef CFRetain(CFTypeRef object) { return (CFTypeRef)[(id)object retain]; }

void CFRelease(CFTypeRef object) {
  // Darwin traps here; a release of nil in Objective-C would hide it.
  if (!object) __builtin_trap();
  [(id)object release];
}

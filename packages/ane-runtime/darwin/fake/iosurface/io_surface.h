// A surface of the fake: an Objective-C object, so that CFRetain, CFRelease and zombies work on it.
#pragma once

#import <Foundation/Foundation.h>
#import <IOSurface/IOSurfaceRef.h>

#include "core/guarded_memory.h"

@interface FakeIOSurface : NSObject {
 @public
  fake::GuardedMemory *memory;
  // What was asked for; the memory is whole pages.
  size_t bytes;
}
@end

inline FakeIOSurface *fakeSurface(IOSurfaceRef surface) { return (FakeIOSurface *)surface; }

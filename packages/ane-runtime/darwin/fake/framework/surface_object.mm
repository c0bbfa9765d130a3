#import "framework/surface_object.h"

#include "core/ledger.h"
#import "framework/outcome.h"
#import "framework/publish.h"

@implementation FakeSurfaceObjectState
- (void)dealloc {
  CFRelease(surface);
  fake::add(fake::Count::surfaceObjects, -1);
  [super dealloc];
}
@end

@interface FakeSurfaceObject : FakeSurfaceObjectState
@end

@implementation FakeSurfaceObject

+ (void)load {
  fake::publishClass(self, "_ANEIOSurfaceObject");
}

+ (id)objectWithIOSurface:(IOSurfaceRef)surface {
  if (fake::returnsNothing("objectWithIOSurface")) return nil;
  if (!surface) fake::refuse("objectWithIOSurface: the surface is NULL");
  FakeSurfaceObjectState *object = [[[self alloc] init] autorelease];
  object->surface = (IOSurfaceRef)CFRetain(surface);
  fake::add(fake::Count::surfaceObjects);
  return object;
}

- (IOSurfaceRef)ioSurface {
  return surface;
}

@end

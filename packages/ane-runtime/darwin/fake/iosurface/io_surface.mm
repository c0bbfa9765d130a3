// IOSurface's C interface. The creation dictionary is checked as the kernel would, and more: unknown keys and values of
// another class are violations.
#import "iosurface/io_surface.h"

#include "core/faults.h"
#include "core/ledger.h"

extern "C" {
const CFStringRef kIOSurfaceWidth = (CFStringRef) @"IOSurfaceWidth";
const CFStringRef kIOSurfaceHeight = (CFStringRef) @"IOSurfaceHeight";
const CFStringRef kIOSurfaceBytesPerElement = (CFStringRef) @"IOSurfaceBytesPerElement";
const CFStringRef kIOSurfaceBytesPerRow = (CFStringRef) @"IOSurfaceBytesPerRow";
const CFStringRef kIOSurfaceAllocSize = (CFStringRef) @"IOSurfaceAllocSize";
const CFStringRef kIOSurfacePixelFormat = (CFStringRef) @"IOSurfacePixelFormat";
}

@implementation FakeIOSurface
- (void)dealloc {
  if (memory->locked()) fake::violation(memory->state() + " was released while it is locked");
  delete memory;
  fake::add(fake::Count::surfaces, -1);
  [super dealloc];
}
@end

namespace {

const kern_return_t BAD_ARGUMENT = (kern_return_t)0xe00002c2;  // kIOReturnBadArgument

struct Geometry {
  size_t width, height, bytesPerElement, bytesPerRow, allocSize, pixelFormat;
};

bool readGeometry(NSDictionary *properties, Geometry *geometry) {
  const struct {
    CFStringRef key;
    size_t *value;
  } entries[] = {
      {kIOSurfaceWidth, &geometry->width},
      {kIOSurfaceHeight, &geometry->height},
      {kIOSurfaceBytesPerElement, &geometry->bytesPerElement},
      {kIOSurfaceBytesPerRow, &geometry->bytesPerRow},
      {kIOSurfaceAllocSize, &geometry->allocSize},
      {kIOSurfacePixelFormat, &geometry->pixelFormat},
  };
  if (![properties isKindOfClass:[NSDictionary class]]) {
    fake::violation("IOSurfaceCreate: the properties are no dictionary");
    return false;
  }
  NSUInteger known = 0;
  for (const auto &entry : entries) {
    id value = [properties objectForKey:(NSString *)entry.key];
    if (![value isKindOfClass:[NSNumber class]]) {
      fake::violation(std::string("IOSurfaceCreate: no number for ") + [(NSString *)entry.key UTF8String]);
      return false;
    }
    *entry.value = [value unsignedLongValue];
    known++;
  }
  if ([properties count] == known) return true;
  fake::violation("IOSurfaceCreate: keys that no surface has");
  return false;
}

bool consistent(const Geometry &geometry) {
  const bool fits = geometry.width > 0 && geometry.height > 0 && geometry.bytesPerElement > 0 &&
                    geometry.bytesPerRow >= geometry.width * geometry.bytesPerElement &&
                    geometry.allocSize >= geometry.bytesPerRow * geometry.height && geometry.pixelFormat == 0;
  if (!fits) fake::violation("IOSurfaceCreate: the sizes contradict each other");
  return fits;
}

void report(const std::string &broken) {
  if (!broken.empty()) fake::violation(broken);
}

}  // namespace

IOSurfaceRef IOSurfaceCreate(CFDictionaryRef properties) {
  Geometry geometry;
  if (fake::takeFault("IOSurfaceCreate")) return nullptr;
  if (!readGeometry((NSDictionary *)properties, &geometry) || !consistent(geometry)) return nullptr;
  FakeIOSurface *surface = [[FakeIOSurface alloc] init];
  surface->memory = new fake::GuardedMemory(geometry.allocSize);
  surface->bytes = geometry.allocSize;
  fake::add(fake::Count::surfaces);
  return (IOSurfaceRef)surface;
}

kern_return_t IOSurfaceLock(IOSurfaceRef surface, IOSurfaceLockOptions options, uint32_t *) {
  if (const auto fault = fake::takeFault("IOSurfaceLock")) return (kern_return_t)fault->code;
  if (!surface || options & ~(kIOSurfaceLockReadOnly | kIOSurfaceLockAvoidSync)) return BAD_ARGUMENT;
  report(fakeSurface(surface)->memory->lock(options & kIOSurfaceLockReadOnly));
  return 0;
}

kern_return_t IOSurfaceUnlock(IOSurfaceRef surface, IOSurfaceLockOptions options, uint32_t *) {
  if (!surface) return BAD_ARGUMENT;
  report(fakeSurface(surface)->memory->unlock(options & kIOSurfaceLockReadOnly));
  if (const auto fault = fake::takeFault("IOSurfaceUnlock")) return (kern_return_t)fault->code;
  return 0;
}

void *IOSurfaceGetBaseAddress(IOSurfaceRef surface) {
  if (fake::takeFault("IOSurfaceGetBaseAddress")) return nullptr;
  if (!fakeSurface(surface)->memory->locked()) fake::add(fake::Count::addressesWithoutLock);
  return fakeSurface(surface)->memory->base();
}

size_t IOSurfaceGetAllocSize(IOSurfaceRef surface) { return fakeSurface(surface)->memory->size(); }

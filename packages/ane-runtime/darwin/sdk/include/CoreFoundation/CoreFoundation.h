// What the addons use of CoreFoundation.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __OBJC__
#define SDK_BRIDGED(class_name) __attribute__((objc_bridge(class_name)))
#else
#define SDK_BRIDGED(class_name)
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef const SDK_BRIDGED(id) void* CFTypeRef;
typedef const struct SDK_BRIDGED(NSString) __CFString* CFStringRef;
typedef const struct SDK_BRIDGED(NSDictionary) __CFDictionary* CFDictionaryRef;

void CFRelease(CFTypeRef object);

#ifdef __cplusplus
}
#endif

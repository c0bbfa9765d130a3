// Failures on order: a fault is injected at a named place and taken when the place is passed. Places are the
// selectors of the private classes up to their first colon ("compileWithQoS", "objectWithIOSurface", ...) and the C
// functions ("IOSurfaceCreate", "IOSurfaceLock", ...). Kinds: "nil" (no object), "no" (NO without an NSError),
// "error" (NO with one), "yes" (YES, but with an NSError), "throw" (an NSException), "fail" (a C function's result
// code), "delay" (milliseconds in `code`, then as usual), "hold" (waits for a release, then as usual).
#pragma once

#include <optional>
#include <string>

namespace fake {

struct Fault {
  std::string kind;
  // Of the NSError, the C function, or the status in the error's text; milliseconds of a delay.
  long code = 0;
};

// @param skip passes that the fault lets through; @param times how often it is taken, -1 = always
void injectFault(const std::string& at, const Fault& fault, int skip, int times);
void clearFaults();
// Lets go of everything that is held at the moment.
void releaseHeld();
// The fault that is due at this place, if there is one. Delays have passed, and what was held is released.
std::optional<Fault> takeFault(const char* at);

}  // namespace fake

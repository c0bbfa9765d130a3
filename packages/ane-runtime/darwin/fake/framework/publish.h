// Gives a private class its name and methods at run time, so that the environment can leave out classes and methods and
// change type encodings before the binding looks:
// FAKE_ANE_MISSING="_ANERequest,-[_ANEInMemoryModel unloadWithQoS:error:]"
// FAKE_ANE_ENCODINGS="-[_ANEInMemoryModel unloadWithQoS:error:]=C@:Q^@"
// FAKE_ANE_BOOL="B" encodes BOOL as Apple silicon does, for a binding that was compiled for it.
#pragma once

#import <Foundation/Foundation.h>

namespace fake {

// Registers the class `name`: a subclass of the superclass of `methods`, with all methods of `methods`. To be called
// from +load of `methods`, which must have no ivars of its own.
void publishClass(Class methods, const char *name);

}  // namespace fake

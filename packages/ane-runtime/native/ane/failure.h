// Makes a Failure from what Objective-C reports: an NSError, a thrown object, or neither.
#pragma once

#import <Foundation/Foundation.h>

#include "ane/engine.h"

namespace ane {

std::string textOf(id object);

// All return false, so that a caller can return them.
bool fail(Failure* failure, const char* step, std::string reason);
bool failWithError(Failure* failure, const char* step, NSError *error, const char* reasonWithoutError);
bool failWithThrown(Failure* failure, const char* step, id thrown);

}  // namespace ane

// Objective-C exceptions of images: objc4's exception object, its catch functions and its personality function.
#pragma once

#include <objc/objc.h>

#include "unwind.h"

namespace machload {

// @param thrown a retained object; the exception owns it
Exception* makeException(id thrown);

void* personalityEntry();
id beginCatch(Exception* exception);
void endCatch();
// The type description that @catch (id) names.
void* anyObjectType();

}  // namespace machload

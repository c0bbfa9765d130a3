// Makes the Objective-C constants of an image those of GNUstep's runtime: selectors are registered, string literals get
// its class.
#pragma once

#include "image.h"

namespace machload {

void adoptObjectiveC(const Image& image);

}  // namespace machload

// Reads a loaded model's description of its ports.
#pragma once

#import <Foundation/Foundation.h>

#include "ane/engine.h"

namespace ane {

// Absent where the description has no symbols. What is there is believed only if it has the expected kind.
std::optional<ModelAttributes> readAttributes(NSDictionary *attributes);

}  // namespace ane

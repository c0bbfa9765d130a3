// -[_ANEInMemoryModel modelAttributes] of a loaded program, in the form that public dumps show.
#pragma once

#import <Foundation/Foundation.h>

#include "core/program.h"

namespace fake {

// Autoreleased.
NSDictionary *modelAttributes(const Program &program);

}  // namespace fake

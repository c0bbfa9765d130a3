// One evaluation: the request's surfaces against the program's ports, then the daemon's work on their memory.
#pragma once

#import <Foundation/Foundation.h>

#include "core/program.h"
#import "framework/request.h"

namespace fake {

// *nanoseconds: how long the daemon took.
bool evaluate(const Program &program, FakeRequestState *request, unsigned long long *nanoseconds, NSError **error);

}  // namespace fake

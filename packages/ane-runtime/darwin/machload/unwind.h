// The unwinder's interface to the language runtimes (the Itanium C++ ABI's exception handling), over frames of Mach-O
// images only: an exception never crosses a frame of Linux.
#pragma once

#include "unwind_context.h"

namespace machload {

struct Exception {
  uint64_t exceptionClass;
  void (*cleanup)(int reason, Exception* exception);
  uint64_t reserved;      // private_1
  uint64_t handlerFrame;  // private_2: stack pointer of the frame that will catch
};

enum Reason {
  kForeignCaught = 1,
  kFatalPhase2 = 2,
  kEndOfStack = 5,
  kHandlerFound = 6,
  kInstallContext = 7,
  kContinue = 8,
};
enum Action { kSearch = 1, kCleanup = 2, kHandlerHere = 4 };

using Personality = int (*)(int version, int actions, uint64_t exceptionClass, Exception* exception, Context* context);

// Looks for a handler from `start` on, then jumps to it. Returns only if there is none.
int raiseException(Exception* exception, const Context* start);

}  // namespace machload

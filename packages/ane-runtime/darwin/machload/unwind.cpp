#include "unwind.h"

#include "imports.h"
#include "stop.h"

// unwind.S
extern "C" void unwindRaiseException();
extern "C" void unwindResume();
extern "C" [[noreturn]] void jumpTo(const machload::Context* context);

namespace machload {
namespace {

// Second phase: cleanups on the way to the handler's frame, and the handler.
int goToHandler(Exception* exception, Context context) {
  for (FrameRule rule; describeFrame(context, rule); leaveFrame(context, rule)) {
    if (!context.personality) continue;
    const int here = context.sp == exception->handlerFrame ? kHandlerHere : 0;
    const auto personality = reinterpret_cast<Personality>(context.personality);
    const int reason = personality(1, kCleanup | here, exception->exceptionClass, exception, &context);
    if (reason == kInstallContext) jumpTo(&context);
    if (reason != kContinue) return kFatalPhase2;
  }
  return kEndOfStack;
}

}  // namespace

int raiseException(Exception* exception, const Context* start) {
  Context context = *start;
  for (FrameRule rule; describeFrame(context, rule); leaveFrame(context, rule)) {
    if (!context.personality) continue;
    const auto personality = reinterpret_cast<Personality>(context.personality);
    if (personality(1, kSearch, exception->exceptionClass, exception, &context) == kHandlerFound) {
      exception->handlerFrame = context.sp;
      return goToHandler(exception, *start);
    }
  }
  return kEndOfStack;
}

extern "C" {

int raiseExceptionFrom(Exception* exception, const Context* start) { return raiseException(exception, start); }

void resumeFrom(Exception* exception, const Context* start) {
  stop("an exception could not go on, reason %d", goToHandler(exception, *start));
}

}  // extern "C"

void* unwindImport(std::string_view name) {
  static const Import table[] = {
      {"__Unwind_DeleteException", addressOf(+[](Exception* e) {
         if (e->cleanup) e->cleanup(kForeignCaught, e);
       })},
      {"__Unwind_GetGR", addressOf(+[](const Context* c, int which) { return c->x[which]; })},
      {"__Unwind_GetIP", addressOf(+[](const Context* c) { return c->pc; })},
      {"__Unwind_GetLanguageSpecificData", addressOf(+[](const Context* c) { return c->exceptionTable; })},
      {"__Unwind_GetRegionStart", addressOf(+[](const Context* c) { return c->functionStart; })},
      {"__Unwind_RaiseException", addressOf(unwindRaiseException)},
      {"__Unwind_Resume", addressOf(unwindResume)},
      {"__Unwind_SetGR", addressOf(+[](Context* c, int which, uint64_t value) { c->x[which] = value; })},
      {"__Unwind_SetIP", addressOf(+[](Context* c, uint64_t value) { c->pc = value; })},
  };
  return findImport(table, name);
}

}  // namespace machload

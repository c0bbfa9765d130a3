#include "objc_messages.h"

#import <Foundation/Foundation.h>
#import <objc/message.h>
#import <objc/runtime.h>

#include <cstring>

#include "objc_exceptions.h"
#include "stop.h"
#include "unwind.h"

extern "C" void messageSend();

namespace machload {
namespace {

// What objc_messages.S records of a call: arguments, callee-saved registers and where it came from.
struct Call {
  uint64_t q[16];   // q0 to q7
  uint64_t x[9];    // x0 to x8
  uint64_t saved[10];  // x19 to x28
  uint64_t framePointer, returnAddress, stackPointer;
  uint64_t d[8];  // d8 to d15
};
static_assert(offsetof(Call, x) == 128 && offsetof(Call, saved) == 200 && offsetof(Call, framePointer) == 280 &&
              offsetof(Call, d) == 304 && sizeof(Call) == 368);

struct Result {
  uint64_t x[2];
  uint64_t d[4];
};

// Apple's convention has the callee widen small results to 32 bits; in Linux's the upper bits are left as they were.
uint64_t widened(uint64_t value, char type) {
  switch (type) {
    case 'B':
    case 'C': return static_cast<uint8_t>(value);
    case 'S': return static_cast<uint16_t>(value);
    case 'c': return static_cast<uint32_t>(static_cast<int8_t>(value));
    case 's': return static_cast<uint32_t>(static_cast<int16_t>(value));
    default: return value;
  }
}

char resultType(id receiver, SEL selector) {
  const auto method = class_getInstanceMethod(object_getClass(receiver), selector);
  const char* type = method ? method_getTypeEncoding(method) : nullptr;
  if (!type) return '@';
  while (std::strchr("rnNoORV", *type)) type++;  // qualifiers
  return *type;
}

Context callerOf(const Call& call) {
  Context context{};
  std::memcpy(&context.x[19], call.saved, sizeof(call.saved));
  std::memcpy(&context.d[8], call.d, sizeof(call.d));
  context.x[29] = call.framePointer;
  context.x[30] = context.pc = call.returnAddress;
  context.sp = call.stackPointer;
  return context;
}

}  // namespace

// objc_messages.S
extern "C" void callMethod(IMP method, const Call* call, Result* result);

extern "C" void sendMessage(const Call* call, Result* result) {
  id receiver = (id)call->x[0];
  const SEL selector = (SEL)call->x[1];
  id thrown = nil;
  @try {
    callMethod(objc_msg_lookup(receiver, selector), call, result);
    result->x[0] = widened(result->x[0], resultType(receiver, selector));
    return;
  } @catch (id exception) {
    thrown = [exception retain];
  }
  const Context caller = callerOf(*call);
  raiseException(makeException(thrown), &caller);
  stop("nothing catches %s", [[thrown description] UTF8String]);
}

void* messageSendEntry() { return reinterpret_cast<void*>(messageSend); }

}  // namespace machload

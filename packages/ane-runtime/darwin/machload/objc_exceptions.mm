#include "objc_exceptions.h"

#import <Foundation/Foundation.h>

#include <vector>

#include "reader.h"
#include "stop.h"

namespace machload {
namespace {

constexpr uint64_t kObjectiveC = 0x474e55434f424a43;  // "GNUCOBJC", as in objc4

struct ObjectException {
  Exception header;
  id object;
};

thread_local std::vector<ObjectException*> caught;

char anyObject;

// One row of the table of call sites: a range of code, its landing pad, and the actions to try there.
struct CallSite {
  uint64_t landingPad, action;
};

// The table of a function (LSDA): encodings, then call sites, then actions; types are counted backwards from their end.
class ExceptionTable {
 public:
  explicit ExceptionTable(const Context& context) : reader_{context.exceptionTable} {
    const uint8_t padEncoding = *reader_.at++;
    padBase_ = padEncoding == kOmitted ? context.functionStart : readEncodedPointer(reader_, padEncoding);
    typeEncoding_ = *reader_.at++;
    if (typeEncoding_ != kOmitted) {
      const uint64_t offset = reader_.number();
      typesEnd_ = reader_.at + offset;
    }
    siteEncoding_ = *reader_.at++;
    const uint64_t length = reader_.number();
    actions_ = reader_.at + length;
  }

  // landingPad 0: none for that place.
  CallSite find(uint64_t offset) {
    while (reader_.at < actions_) {
      const uint64_t start = readEncodedPointer(reader_, siteEncoding_);
      const uint64_t length = readEncodedPointer(reader_, siteEncoding_);
      const uint64_t pad = readEncodedPointer(reader_, siteEncoding_);
      const uint64_t action = reader_.number();
      if (offset >= start && offset < start + length) return {pad == 0 ? 0 : padBase_ + pad, action};
    }
    return {};
  }

  // The first action that takes an exception of the class: its number, or 0. *cleans: whether one of them only cleans
  // up.
  int64_t matching(uint64_t action, uint64_t exceptionClass, bool* cleans) const {
    *cleans = action == 0;
    for (const uint8_t* at = action == 0 ? nullptr : actions_ + action - 1; at;) {
      Reader reader{at};
      const int64_t filter = reader.signedNumber();
      const uint8_t* const nextPlace = reader.at;
      const int64_t next = reader.signedNumber();
      if (filter == 0) *cleans = true;
      if (filter > 0) {
        const void* const type = typeAt(filter);
        const bool everything = !type;
        if (everything || (exceptionClass == kObjectiveC && type == &anyObject)) return filter;
      }
      at = next == 0 ? nullptr : nextPlace + next;
    }
    return 0;
  }

 private:
  static constexpr uint8_t kOmitted = 0xff;

  const void* typeAt(int64_t index) const {
    const bool words = (typeEncoding_ & 0xf) == 0x3 || (typeEncoding_ & 0xf) == 0xb;
    Reader reader{typesEnd_ - (words ? 4 : 8) * index};
    return reinterpret_cast<const void*>(readEncodedPointer(reader, typeEncoding_));
  }

  Reader reader_;
  uint64_t padBase_;
  uint8_t typeEncoding_, siteEncoding_;
  const uint8_t *typesEnd_ = nullptr, *actions_;
};

int personality(int, int actions, uint64_t exceptionClass, Exception* exception, Context* context) {
  if (!context->exceptionTable) return kContinue;
  ExceptionTable table(*context);
  const CallSite site = table.find(context->pc - 1 - context->functionStart);
  if (site.landingPad == 0) return kContinue;
  bool cleans;
  const int64_t handler = table.matching(site.action, exceptionClass, &cleans);
  if (actions & kSearch) return handler != 0 ? kHandlerFound : kContinue;
  // A handler of a frame that the search did not choose is passed by; its cleanups run.
  const bool handles = handler != 0 && (actions & kHandlerHere);
  if (!handles && !cleans) return kContinue;
  context->x[0] = reinterpret_cast<uint64_t>(exception);
  context->x[1] = handles ? static_cast<uint64_t>(handler) : 0;
  context->pc = site.landingPad;
  return kInstallContext;
}

}  // namespace

Exception* makeException(id thrown) {
  auto* const exception = new ObjectException{};
  exception->header.exceptionClass = kObjectiveC;
  exception->object = thrown;
  return &exception->header;
}

void* personalityEntry() { return reinterpret_cast<void*>(personality); }

id beginCatch(Exception* exception) {
  if (exception->exceptionClass != kObjectiveC) stop("an Objective-C handler caught a C++ exception");
  caught.push_back(reinterpret_cast<ObjectException*>(exception));
  return caught.back()->object;
}

void endCatch() {
  ObjectException* const exception = caught.back();
  caught.pop_back();
  [exception->object release];
  delete exception;
}

void* anyObjectType() { return &anyObject; }

}  // namespace machload

#include "objc_metadata.h"

#import <Foundation/Foundation.h>
#import <objc/runtime.h>

#include "stop.h"

namespace machload {
namespace {

// CFString as the compiler lays it out: {class, flags, characters, length}.
struct StringLiteral {
  void* isa;
  uint64_t flags;
  const char* characters;
  uint64_t length;
};
// GNUstep's string literal, in its place.
struct GnustepLiteral {
  void* isa;
  const char* characters;
  uint32_t length;
};
static_assert(sizeof(GnustepLiteral) <= sizeof(StringLiteral));

constexpr uint64_t kAscii = 0x7c8;

void adoptStrings(StringLiteral* literals, uint64_t count) {
  Class literalClass = objc_getClass("NSConstantString");
  for (uint64_t i = 0; i < count; i++) {
    const StringLiteral literal = literals[i];
    if (literal.flags != kAscii) stop("a string literal must be ASCII, is not");
    *reinterpret_cast<GnustepLiteral*>(&literals[i]) = {(void*)literalClass, literal.characters,
                                                        static_cast<uint32_t>(literal.length)};
  }
}

template <class T, class Visit>
void visit(const Image& image, const char* section, Visit visitAll) {
  if (const Section* found = image.section(section)) {
    visitAll(reinterpret_cast<T*>(image.at(found->address)), found->size / sizeof(T));
  }
}

}  // namespace

void adoptObjectiveC(const Image& image) {
  if (image.section("__objc_classlist")) stop("an image that defines classes cannot be loaded");
  visit<const void*>(image, "__objc_selrefs", [](const void** selectors, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) selectors[i] = sel_registerName(static_cast<const char*>(selectors[i]));
  });
  visit<StringLiteral>(image, "__cfstring", adoptStrings);
}

}  // namespace machload

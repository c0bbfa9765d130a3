// libobjc's functions as images import them, over GNUstep: the shortcuts that Apple's compilers use for common
// messages, autorelease pools, classes by symbol.
#import <Foundation/Foundation.h>
#import <objc/runtime.h>

#include <string>

#include "imports.h"
#include "objc_exceptions.h"
#include "objc_messages.h"
#include "stop.h"

namespace machload {
namespace {

constexpr std::string_view kClassPrefix = "_OBJC_CLASS_$_";

void* classNamed(std::string_view name) {
  Class found = objc_getClass(std::string(name).c_str());
  if (!found) stop("GNUstep has no class %s", std::string(name).c_str());
  return (void*)found;
}

void mutated(id) { stop("a collection was changed while it was enumerated"); }

}  // namespace

void* objcImport(std::string_view name) {
  if (name.substr(0, kClassPrefix.size()) == kClassPrefix) return classNamed(name.substr(kClassPrefix.size()));
  static const Import table[] = {
      {"_OBJC_EHTYPE_id", anyObjectType()},
      // The class of string literals, which adoptObjectiveC replaces.
      {"___CFConstantStringClassReference", addressOf(mutated)},
      {"___objc_personality_v0", personalityEntry()},
      {"_class_getClassMethod", addressOf(class_getClassMethod)},
      {"_class_getInstanceMethod", addressOf(class_getInstanceMethod)},
      {"_class_getName", addressOf(class_getName)},
      {"_method_getTypeEncoding", addressOf(method_getTypeEncoding)},
      {"_objc_alloc", addressOf(+[](Class c) { return [c alloc]; })},
      {"_objc_alloc_init", addressOf(+[](Class c) { return [[c alloc] init]; })},
      {"_objc_autorelease", addressOf(+[](id o) { return [o autorelease]; })},
      {"_objc_autoreleasePoolPop", addressOf(+[](NSAutoreleasePool* pool) { [pool drain]; })},
      {"_objc_autoreleasePoolPush", addressOf(+[]() { return [NSAutoreleasePool new]; })},
      {"_objc_begin_catch", addressOf(beginCatch)},
      {"_objc_end_catch", addressOf(endCatch)},
      {"_objc_enumerationMutation", addressOf(mutated)},
      {"_objc_getClass", addressOf(objc_getClass)},
      {"_objc_msgSend", messageSendEntry()},
      {"_objc_opt_class", addressOf(+[](id o) { return [o class]; })},
      {"_objc_opt_isKindOfClass", addressOf(+[](id o, Class c) -> bool { return [o isKindOfClass:c]; })},
      {"_objc_opt_new", addressOf(+[](Class c) { return [c new]; })},
      {"_objc_opt_respondsToSelector", addressOf(+[](id o, SEL s) -> bool { return [o respondsToSelector:s]; })},
      {"_objc_release", addressOf(+[](id o) { [o release]; })},
      {"_objc_retain", addressOf(+[](id o) { return [o retain]; })},
      {"_object_getClass", addressOf(object_getClass)},
      {"_object_getClassName", addressOf(object_getClassName)},
      {"_sel_getName", addressOf(sel_getName)},
      {"_sel_registerName", addressOf(+[](const char* text) { return sel_registerName(text); })},
  };
  return findImport(table, name);
}

}  // namespace machload

#import "framework/publish.h"

#import <objc/runtime.h>

#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>

#include "core/ledger.h"

namespace fake {
namespace {

// Entries of a comma-separated environment variable.
template <class Visit>
void eachEntry(const char *variable, Visit visit) {
  const char *text = std::getenv(variable);
  std::istringstream entries(text ? text : "");
  for (std::string entry; std::getline(entries, entry, ',');) visit(entry);
}

bool isMissing(const std::string &name) {
  bool missing = false;
  eachEntry("FAKE_ANE_MISSING", [&](const std::string &entry) { missing = missing || entry == name; });
  return missing;
}

// Without frame offsets. A BOOL is an unsigned char here and a bool on Apple silicon; no method has an unsigned char
// that is none.
std::string publishedEncoding(const std::string &name, const char *encoding) {
  const char *boolean = std::getenv("FAKE_ANE_BOOL");
  std::string types;
  for (const char *next = encoding; *next; next++) {
    if (*next == 'C' && boolean) types += boolean;
    else if (*next < '0' || *next > '9') types += *next;
  }
  eachEntry("FAKE_ANE_ENCODINGS", [&](const std::string &entry) {
    const auto equals = entry.rfind('=');
    if (entry.substr(0, equals) == name) types = entry.substr(equals + 1);
  });
  return types;
}

// @param sign '-' for methods of instances, '+' for those of the class
void copyMethods(Class from, Class to, char sign, const std::string &className) {
  unsigned count = 0;
  Method *methods = class_copyMethodList(from, &count);
  for (unsigned i = 0; i < count; i++) {
    const SEL selector = method_getName(methods[i]);
    const std::string name = sign + ("[" + className + " ") + sel_getName(selector) + "]";
    if (std::strcmp(sel_getName(selector), "load") == 0 || isMissing(name)) continue;
    const std::string types = publishedEncoding(name, method_getTypeEncoding(methods[i]));
    class_addMethod(to, selector, method_getImplementation(methods[i]), types.c_str());
    notePublished({className + " " + sign + sel_getName(selector), types});
  }
  std::free(methods);
}

}  // namespace

void publishClass(Class methods, const char *name) {
  if (isMissing(name)) return;
  Class published = objc_allocateClassPair(class_getSuperclass(methods), name, 0);
  copyMethods(methods, published, '-', name);
  objc_registerClassPair(published);
  // After registration: GCC's runtime makes the metaclass then.
  copyMethods(object_getClass((id)methods), object_getClass((id)published), '+', name);
}

}  // namespace fake

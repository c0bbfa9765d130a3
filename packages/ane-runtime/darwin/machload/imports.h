// Every import of an image resolves to one of three things: a function of Linux with the same calling convention and
// the same types, a translation written here, or an object of GNUstep and the fake framework. A name that is in no
// table stops the loader: a function whose types differ between the systems must not be bound by accident.
#pragma once

#include <initializer_list>
#include <string_view>

namespace machload {

struct Import {
  std::string_view name;  // as in the image, with the leading underscore of C
  void* address;
};

// @return null only if the import is weak and there is no such thing
void* importNamed(const char* name, bool weak);

// The tables of the parts of the loader; null: not theirs.
void* libSystemImport(std::string_view name);
void* fileImport(std::string_view name);
void* threadImport(std::string_view name);
void* unwindImport(std::string_view name);
void* objcImport(std::string_view name);
void* accelerateImport(std::string_view name);

template <size_t count>
void* findImport(const Import (&table)[count], std::string_view name) {
  for (const Import& entry : table) {
    if (entry.name == name) return entry.address;
  }
  return nullptr;
}

template <class Function>
void* addressOf(Function* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace machload

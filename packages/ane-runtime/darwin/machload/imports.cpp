#include "imports.h"

#include <dlfcn.h>

#include "stop.h"

namespace machload {
namespace {

// Functions with the same types and meaning in macOS and in Linux on arm64.
constexpr std::string_view kSame[] = {
    "_abort", "_aligned_alloc", "_atoi", "_atol", "_bzero", "_calloc", "_close", "_exp", "_fclose", "_fileno",
    "_flock", "_fopen", "_fputc", "_fputs", "_free", "_ftruncate", "_fwrite", "_getenv", "_getpid", "_kill", "_log",
    "_malloc", "_memchr", "_memcmp", "_memcpy", "_memmove", "_memset", "_munmap", "_nanosleep", "_posix_memalign",
    "_pow", "_pthread_create", "_pthread_detach", "_pthread_getspecific", "_pthread_join", "_pthread_key_create",
    "_pthread_self", "_pthread_setspecific", "_pwrite", "_realloc", "_sched_yield", "_shm_unlink", "_strchr", "_strcmp",
    "_strerror", "_strlen", "_strncmp", "_strrchr", "_strtol", "_strtoll", "_strtoul", "_strtoull", "_unlink", "_usleep",
};

// Of the Node executable, and of the stand-ins for frameworks that this library is linked with.
bool isForeign(std::string_view name) {
  for (const std::string_view prefix : {"_napi_", "_node_api_", "_IOSurface", "_kIOSurface", "_CF", "_NS"}) {
    if (name.substr(0, prefix.size()) == prefix) return true;
  }
  return false;
}

bool isSame(std::string_view name) {
  for (const std::string_view same : kSame) {
    if (same == name) return true;
  }
  return false;
}

}  // namespace

void* importNamed(const char* name, bool weak) {
  using Table = void* (*)(std::string_view);
  const Table tables[] = {libSystemImport, fileImport, threadImport, unwindImport, objcImport, accelerateImport};
  for (const Table table : tables) {
    if (void* const address = table(name)) return address;
  }
  void* const address = isSame(name) || isForeign(name) ? dlsym(RTLD_DEFAULT, name + 1) : nullptr;
  if (!address && !weak) stop("no import table has %s; imports.cpp lists what is the same in Linux", name);
  return address;
}

}  // namespace machload

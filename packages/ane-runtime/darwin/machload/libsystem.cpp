// libSystem's functions whose types, constants or calling convention differ from Linux: text output, time, limits,
// dynamic libraries. Error numbers up to 34 are the same in both systems; those above are translated where they are
// compared (files.cpp).
#include <dlfcn.h>
#include <errno.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "imports.h"
#include "stand_ins.h"
#include "stop.h"

extern "C" int __cxa_atexit(void (*)(void*), void*, void*);
extern "C" int __cxa_thread_atexit_impl(void (*)(void*), void*, void*);
extern "C" int __xpg_strerror_r(int, char*, size_t);

extern "C" void darwinFprintf();
extern "C" void darwinSnprintf();
extern "C" void darwinSwprintf();

namespace machload {
namespace {

// A va_list of Linux (AAPCS64) that finds everything on the stack, which is where Apple's va_list points.
struct StackArguments {
  void* stack;
  void* generalTop = nullptr;
  void* vectorTop = nullptr;
  int generalOffset = 0, vectorOffset = 0;

  va_list& list() { return *reinterpret_cast<va_list*>(this); }
};
static_assert(sizeof(StackArguments) == sizeof(va_list));

}  // namespace

extern "C" {

int darwinFprintfWithSlots(FILE* file, const char* format, void* slots) {
  return vfprintf(file, format, StackArguments{slots}.list());
}
int darwinSnprintfWithSlots(char* text, size_t size, const char* format, void* slots) {
  return vsnprintf(text, size, format, StackArguments{slots}.list());
}
int darwinSwprintfWithSlots(wchar_t* text, size_t size, const wchar_t* format, void* slots) {
  return vswprintf(text, size, format, StackArguments{slots}.list());
}

}  // extern "C"

namespace {

int darwinVfprintf(FILE* file, const char* format, void* slots) { return darwinFprintfWithSlots(file, format, slots); }
int darwinVsnprintf(char* text, size_t size, const char* format, void* slots) {
  return darwinSnprintfWithSlots(text, size, format, slots);
}

int darwinClockGettime(int clock, timespec* time) {
  switch (clock) {
    case 0: return clock_gettime(CLOCK_REALTIME, time);
    case 4:  // CLOCK_MONOTONIC_RAW
    case 6: return clock_gettime(CLOCK_MONOTONIC, time);
    default: stop("unknown clock %d", clock);
  }
}

long darwinSysconf(int name) {
  switch (name) {
    case 29: return 16384;  // _SC_PAGESIZE: what macOS has on arm64
    case 58: return sysconf(_SC_NPROCESSORS_ONLN);
    default: stop("unknown limit %d of sysconf", name);
  }
}

void fillPattern16(void* target, const void* pattern, size_t bytes) {
  auto* const out = static_cast<char*>(target);
  for (size_t i = 0; i < bytes; i += 16) std::memcpy(out + i, pattern, bytes - i < 16 ? bytes - i : 16);
}

// glibc's function of that name is private to each linked image.
int registerAtExit(void (*function)()) {
  return __cxa_atexit([](void* f) { reinterpret_cast<void (*)()>(f)(); }, addressOf(function), nullptr);
}

void* darwinDlopen(const char* path, int mode) {
  constexpr int kLazyOrNow = 3;  // the same bits in both systems
  return path ? dlopen(standInFor(path).c_str(), mode & kLazyOrNow) : dlopen(nullptr, RTLD_NOW);
}

void* darwinDlsym(void* handle, const char* name) {
  const bool anywhere = reinterpret_cast<intptr_t>(handle) == -2;  // RTLD_DEFAULT
  return dlsym(anywhere ? RTLD_DEFAULT : handle, name);
}

// Character classes of the C locale. Only libc++'s streams and locales read them, which nothing here uses: reading is a
// crash, not a wrong answer.
void* unreadable() {
  static void* const page = mmap(nullptr, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page;
}

FILE* standardError = stderr;

void neverCalled() { stop("lazy binding was asked for, but everything is bound at once"); }

}  // namespace

void* libSystemImport(std::string_view name) {
  static const Import table[] = {
      {"___error", addressOf(__errno_location)},
      {"___stderrp", &standardError},
      {"___cxa_atexit", addressOf(__cxa_atexit)},
      {"__DefaultRuneLocale", unreadable()},
      {"__tlv_atexit", addressOf(+[](void (*f)(void*), void* o) { return __cxa_thread_atexit_impl(f, o, nullptr); })},
      {"_atexit", addressOf(registerAtExit)},
      {"_clock_gettime", addressOf(darwinClockGettime)},
      {"_dladdr", addressOf(dladdr)},
      {"_dlerror", addressOf(dlerror)},
      {"_dlopen", addressOf(darwinDlopen)},
      {"_dlsym", addressOf(darwinDlsym)},
      {"_fprintf", addressOf(darwinFprintf)},
      {"_memset_pattern16", addressOf(fillPattern16)},
      {"_snprintf", addressOf(darwinSnprintf)},
      {"_strerror_r", addressOf(__xpg_strerror_r)},
      {"_swprintf", addressOf(darwinSwprintf)},
      {"_sysconf", addressOf(darwinSysconf)},
      {"_vfprintf", addressOf(darwinVfprintf)},
      {"_vsnprintf", addressOf(darwinVsnprintf)},
      {"dyld_stub_binder", addressOf(neverCalled)},
  };
  return findImport(table, name);
}

}  // namespace machload

// What the kernel says of the machine. `sysctlbyname` is looked up by name: the C libraries of other systems have none.
#include <dlfcn.h>

#include "ane/engine.h"

namespace ane {
namespace {

using Sysctl = int (*)(const char* name, void* oldValue, size_t* oldSize, void* newValue, size_t newSize);

std::string valueOf(Sysctl sysctl, const char* name) {
  char value[256];
  size_t size = sizeof(value);
  if (!sysctl || sysctl(name, value, &size, nullptr, 0) != 0 || size == 0) return "";
  return std::string(value, size - 1);  // without its end mark
}

}  // namespace

SystemInfo systemInfo() noexcept {
  const auto sysctl = reinterpret_cast<Sysctl>(dlsym(RTLD_DEFAULT, "sysctlbyname"));
  return {valueOf(sysctl, "machdep.cpu.brand_string"), valueOf(sysctl, "kern.osproductversion"),
          valueOf(sysctl, "kern.osversion")};
}

}  // namespace ane

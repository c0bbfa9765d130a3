// sysctlbyname of the same Mac as framework/device_info.mm.
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace {

constexpr struct {
  const char* name;
  const char* value;
} VALUES[] = {
    {"machdep.cpu.brand_string", "Apple M4"},
    {"kern.osproductversion", "15.4.1"},
    {"kern.osversion", "24E263"},
    {"hw.model", "Mac16,1"},
};

}  // namespace

extern "C" int sysctlbyname(const char* name, void* value, size_t* size, void*, size_t) {
  for (const auto& entry : VALUES) {
    if (std::strcmp(entry.name, name) != 0) continue;
    const size_t needed = std::strlen(entry.value) + 1;
    if (value && *size < needed) {
      errno = ENOMEM;
      return -1;
    }
    if (value) std::memcpy(value, entry.value, needed);
    *size = needed;
    return 0;
  }
  errno = ENOENT;
  return -1;
}

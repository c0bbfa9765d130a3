#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "binding/arguments.h"
#include "binding/register.h"
#include "core/huge_memory.h"

namespace ane::binding {
namespace {

constexpr size_t kAlignment = 64;

size_t wholeLines(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

void* allocateZeroed(size_t bytes) {
  if (bytes >= kHugePage) return allocateHuge(bytes);
  void* const data = std::aligned_alloc(kAlignment, wholeLines(bytes));
  if (!data) throw std::bad_alloc();
  return std::memset(data, 0, bytes);
}

void release(void* data, size_t bytes) {
  bytes >= kHugePage ? freeHuge(data, bytes) : std::free(data);
}

// alignedBuffer(byteLength: number): ArrayBuffer, which frees its memory when it is collected
Napi::Value alignedBuffer(const Napi::CallbackInfo& info) {
  const size_t bytes = size(info, 0);
  if (bytes == 0) return Napi::ArrayBuffer::New(info.Env(), 0);
  return Napi::ArrayBuffer::New(
      info.Env(), allocateZeroed(bytes), bytes,
      [](Napi::Env, void* data, size_t* length) {
        release(data, *length);
        delete length;
      },
      new size_t(bytes));
}

// addressOf(array: Uint8Array): number. For tests; not part of the package's interface.
Napi::Value addressOf(const Napi::CallbackInfo& info) {
  const auto address = reinterpret_cast<uintptr_t>(info[0].As<Napi::Uint8Array>().Data());
  return Napi::Number::New(info.Env(), static_cast<double>(address));
}

}  // namespace

void registerAlignedBuffer(Napi::Env env, Napi::Object exports) {
  define<alignedBuffer>(env, exports, "alignedBuffer");
  define<addressOf>(env, exports, "addressOf");
}

}  // namespace ane::binding

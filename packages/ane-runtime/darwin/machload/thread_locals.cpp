#include "thread_locals.h"

#include <cstring>
#include <map>
#include <memory>

extern "C" void threadLocalAddress();

namespace machload {
namespace {

struct Descriptor {
  void* function;
  const Image* image;
  uint64_t offset;
};

std::unique_ptr<char[]> copyOfTemplate(const Image& image) {
  const Section *const data = image.section("__thread_data"), *const zeros = image.section("__thread_bss");
  const uint64_t start = data ? data->address : zeros->address;
  const uint64_t end = zeros ? zeros->address + zeros->size : data->address + data->size;
  auto block = std::make_unique<char[]>(end - start);
  if (data) std::memcpy(block.get(), image.at(data->address), data->size);
  return block;
}

}  // namespace

extern "C" void* threadLocalAddressOf(const Descriptor* descriptor) {
  thread_local std::map<const Image*, std::unique_ptr<char[]>> blocks;
  auto& block = blocks[descriptor->image];
  if (!block) block = copyOfTemplate(*descriptor->image);
  return block.get() + descriptor->offset;
}

void adoptThreadLocals(const Image& image) {
  const Section* const section = image.section("__thread_vars");
  if (!section) return;
  auto* const descriptors = reinterpret_cast<Descriptor*>(image.at(section->address));
  for (uint64_t i = 0; i < section->size / sizeof(Descriptor); i++) descriptors[i].image = &image;
}

void* threadLocalAddressEntry() { return reinterpret_cast<void*>(threadLocalAddress); }

}  // namespace machload

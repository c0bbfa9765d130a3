#include "core/workspace.h"

#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "core/huge_memory.h"

namespace ane {
namespace {

struct Block {
  void* data;
  size_t bytes;
};

// Never destroyed: threads may give buffers back while the process exits.
struct FreeList {
  std::mutex mutex;
  std::vector<Block> blocks;
};

FreeList& freeList() {
  static FreeList* const list = new FreeList;
  return *list;
}

// Small blocks are multiples of this; large ones, from kHugeFrom on, lie in huge pages.
constexpr size_t kGranularity = 64 * 1024, kHugeFrom = kHugePage / 8;
// What is kept for reuse at most; more is returned to the system.
constexpr size_t kKeptBlocks = 8;
constexpr size_t kKeptBlockBytes = 64u * 1024 * 1024;

void* allocate(size_t bytes) {
  if (bytes >= kHugePage) return allocateHuge(bytes);
  void* const data = std::aligned_alloc(4096, bytes);
  if (!data) throw std::bad_alloc();
  return data;
}

void release(Block block) {
  block.bytes >= kHugePage ? freeHuge(block.data, block.bytes) : std::free(block.data);
}

}  // namespace

Workspace::Workspace(size_t bytes) {
  if (bytes == 0) return;
  const size_t multiple = bytes >= kHugeFrom ? kHugePage : kGranularity;
  const size_t wanted = (bytes + multiple - 1) / multiple * multiple;
  if (wanted < bytes) throw std::bad_alloc();
  {
    FreeList& list = freeList();
    const std::lock_guard lock(list.mutex);
    size_t best = list.blocks.size();
    for (size_t i = 0; i < list.blocks.size(); ++i) {
      const size_t size = list.blocks[i].bytes;
      const bool fits = size >= wanted && size / 4 <= wanted;
      if (fits && (best == list.blocks.size() || size < list.blocks[best].bytes)) best = i;
    }
    if (best < list.blocks.size()) {
      data_ = list.blocks[best].data;
      capacity_ = list.blocks[best].bytes;
      list.blocks.erase(list.blocks.begin() + static_cast<ptrdiff_t>(best));
      return;
    }
  }
  data_ = allocate(wanted);
  capacity_ = wanted;
}

Workspace::~Workspace() {
  if (!data_) return;
  Block discarded = {data_, capacity_};
  if (capacity_ <= kKeptBlockBytes) {
    FreeList& list = freeList();
    const std::lock_guard lock(list.mutex);
    list.blocks.push_back({data_, capacity_});
    discarded = {nullptr, 0};
    if (list.blocks.size() > kKeptBlocks) {
      discarded = list.blocks.front();
      list.blocks.erase(list.blocks.begin());
    }
  }
  release(discarded);
}

Workspace::Workspace(Workspace&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), capacity_(std::exchange(other.capacity_, 0)) {}

Workspace& Workspace::operator=(Workspace&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

}  // namespace ane

#include "core/huge_memory.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace ane {
namespace {

size_t wholePages(size_t bytes) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return (bytes + page - 1) / page * page;
}

}  // namespace

void* allocateHuge(size_t bytes) {
  const size_t size = wholePages(bytes);
  if (size < bytes || size + kHugePage < size) throw std::bad_alloc();
  // More than is needed; what lies before and after the aligned part is given back.
  void* const mapped =
      mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  char* const first = static_cast<char*>(mapped);
  const size_t before = (kHugePage - reinterpret_cast<uintptr_t>(first) % kHugePage) % kHugePage;
  if (before > 0) munmap(first, before);
  munmap(first + before + size, kHugePage - before);
#if defined(MADV_HUGEPAGE)
  madvise(first + before, size,
          MADV_HUGEPAGE);  // a wish: without it everything works, somewhat slower
#endif
  return first + before;
}

void freeHuge(void* data, size_t bytes) { munmap(data, wholePages(bytes)); }

}  // namespace ane

// Memory straight from the system for large arrays: zero-filled, and in huge pages where the system
// has them, so that walking through it does not miss the address cache every 4 KiB.
#pragma once

#include <stddef.h>

namespace ane {

// The size of huge pages on x86-64 and aarch64 Linux. Memory begins at a multiple of it; what is
// left at its end after the last whole multiple lies in small pages.
constexpr size_t kHugePage = size_t{2} << 20;

// Throws std::bad_alloc when there is no memory.
void* allocateHuge(size_t bytes);

// With the same number of bytes.
void freeHuge(void* data, size_t bytes);

}  // namespace ane

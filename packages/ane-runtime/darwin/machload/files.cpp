// File and memory calls whose flags and structures differ: sys/fcntl.h, sys/stat.h, sys/mman.h of xnu.
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "imports.h"
#include "stop.h"

extern "C" void darwinOpen();
extern "C" void darwinFcntl();
extern "C" void darwinShmOpen();

namespace machload {
namespace {

struct Flag {
  int darwin, linux;
};

template <size_t count>
int translate(int flags, const Flag (&table)[count], const char* what) {
  int translated = 0;
  for (const Flag& flag : table) {
    if (flags & flag.darwin) translated |= flag.linux;
    flags &= ~flag.darwin;
  }
  if (flags != 0) stop("unknown flags %#x of %s", flags, what);
  return translated;
}

constexpr Flag kOpenFlags[] = {
    {0x1, O_WRONLY},  {0x2, O_RDWR},    {0x4, O_NONBLOCK}, {0x8, O_APPEND},
    {0x200, O_CREAT}, {0x400, O_TRUNC}, {0x800, O_EXCL},   {0x1000000, O_CLOEXEC},
};
constexpr Flag kMapFlags[] = {
    {0x1, MAP_SHARED}, {0x2, MAP_PRIVATE}, {0x10, MAP_FIXED}, {0x40, MAP_NORESERVE}, {0x1000, MAP_ANONYMOUS},
};
constexpr Flag kSyncFlags[] = {{0x1, MS_ASYNC}, {0x2, MS_INVALIDATE}, {0x10, MS_SYNC}};

struct DarwinStat {
  int32_t device;
  uint16_t mode, links;
  uint64_t inode;
  uint32_t user, group;
  int32_t specialDevice;
  timespec accessed, modified, changed, born;
  int64_t size, blocks;
  int32_t blockSize;
  uint32_t flags, generation;
  int32_t spare[5];
};
static_assert(sizeof(DarwinStat) == 144);

int darwinFstat(int file, DarwinStat* target) {
  struct stat info;
  if (fstat(file, &info) != 0) return -1;
  *target = {};
  target->device = static_cast<int32_t>(info.st_dev);
  target->mode = static_cast<uint16_t>(info.st_mode);
  target->links = static_cast<uint16_t>(info.st_nlink);
  target->inode = info.st_ino;
  target->user = info.st_uid;
  target->group = info.st_gid;
  target->accessed = info.st_atim;
  target->modified = info.st_mtim;
  target->changed = info.st_ctim;
  target->size = info.st_size;
  target->blocks = info.st_blocks;
  target->blockSize = static_cast<int32_t>(info.st_blksize);
  return 0;
}

struct DarwinStore {
  uint32_t flags;
  int32_t positionMode;
  int64_t offset, length, allocated;
};

// F_PREALLOCATE from the end of the file, which keeps its length.
int preallocate(int file, DarwinStore* store) {
  constexpr int kFromPhysicalEnd = 3, kDarwinNotSupported = 45;
  if (store->positionMode != kFromPhysicalEnd) stop("unknown mode %d of F_PREALLOCATE", store->positionMode);
  struct stat info;
  if (fstat(file, &info) != 0) return -1;
  if (fallocate(file, FALLOC_FL_KEEP_SIZE, info.st_size, store->length) != 0) {
    if (errno == EOPNOTSUPP) errno = kDarwinNotSupported;
    return -1;
  }
  store->allocated = store->length;
  return 0;
}

off_t darwinLseek(int file, off_t offset, int whence) {
  constexpr int kDarwinHole = 3, kDarwinData = 4;  // Linux has them the other way round
  return lseek(file, offset, whence == kDarwinHole ? SEEK_HOLE : whence == kDarwinData ? SEEK_DATA : whence);
}

void* darwinMmap(void* address, size_t size, int protection, int flags, int file, off_t offset) {
  return mmap(address, size, protection, translate(flags, kMapFlags, "mmap"), file, offset);
}

int darwinMsync(void* address, size_t size, int flags) {
  return msync(address, size, translate(flags, kSyncFlags, "msync"));
}

}  // namespace

extern "C" {

int darwinOpenWithSlots(const char* path, int flags, const mode_t* mode) {
  return open(path, translate(flags, kOpenFlags, "open"), *mode);
}

int darwinFcntlWithSlots(int file, int command, void** argument) {
  constexpr int kSetDescriptorFlags = 2, kPreallocate = 42;
  switch (command) {
    case kSetDescriptorFlags: return fcntl(file, F_SETFD, static_cast<int>(reinterpret_cast<intptr_t>(*argument)));
    case kPreallocate: return preallocate(file, static_cast<DarwinStore*>(*argument));
    default: stop("unknown command %d of fcntl", command);
  }
}

int darwinShmOpenWithSlots(const char* name, int flags, const mode_t* mode) {
  constexpr size_t kLongestName = 31;  // PSHMNAMLEN
  if (std::strlen(name) > kLongestName) stop("shm_open of a name that macOS does not take: %s", name);
  return shm_open(name, translate(flags, kOpenFlags, "shm_open"), *mode);
}

}  // extern "C"

void* fileImport(std::string_view name) {
  static const Import table[] = {
      {"_fcntl", addressOf(darwinFcntl)}, {"_fstat", addressOf(darwinFstat)}, {"_mmap", addressOf(darwinMmap)},
      {"_lseek", addressOf(darwinLseek)}, {"_msync", addressOf(darwinMsync)}, {"_open", addressOf(darwinOpen)},
      {"_shm_open", addressOf(darwinShmOpen)},
  };
  return findImport(table, name);
}

}  // namespace machload

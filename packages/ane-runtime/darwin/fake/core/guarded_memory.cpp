#include "core/guarded_memory.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fake {
namespace {

constexpr size_t PAGE = 16384;

// What the signal handler may look at: no locks, no allocation.
struct Range {
  std::atomic<char*> begin;
  std::atomic<size_t> size;
  std::atomic<int> id;
  std::atomic<const char*> state;
};
std::array<Range, 8192> ranges;
struct sigaction previousHandler;

const Range* rangeOf(const char* address) {
  for (const auto& range : ranges) {
    const char* begin = range.begin.load();
    if (begin && address >= begin && address < begin + range.size.load()) return &range;
  }
  return nullptr;
}

// Says which surface was touched, then leaves the rest to whoever would have had the signal: a sanitizer prints the
// stack.
void onFault(int number, siginfo_t* info, void* context) {
  if (const Range* range = rangeOf(static_cast<const char*>(info->si_addr))) {
    char text[200];
    const char* const format = "fake framework: violation: surface %d (%s) was accessed at byte %zd\n";
    const ptrdiff_t byte = static_cast<const char*>(info->si_addr) - range->begin.load();
    const int length = std::snprintf(text, sizeof text, format, range->id.load(), range->state.load(), byte);
    if (write(STDERR_FILENO, text, static_cast<size_t>(length)) < 0) _exit(70);
  }
  if (previousHandler.sa_flags & SA_SIGINFO) {
    previousHandler.sa_sigaction(number, info, context);
    return;
  }
  sigaction(number, &previousHandler, nullptr);
}

void installHandler() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action {};
    action.sa_sigaction = onFault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &action, &previousHandler);
  });
}

Range& claimRange(char* begin) {
  for (auto& range : ranges) {
    char* none = nullptr;
    if (range.begin.compare_exchange_strong(none, begin)) return range;
  }
  std::fprintf(stderr, "fake framework: more than %zu surfaces live\n", ranges.size());
  std::abort();
}

void publish(char* begin, size_t size, int id, const char* state) {
  Range& range = claimRange(begin);
  range.size = size;
  range.id = id;
  range.state = state;
}

Range* published(char* begin) {
  for (auto& range : ranges) {
    if (range.begin.load() == begin) return &range;
  }
  return nullptr;
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::abort();
}

}  // namespace

GuardedMemory::GuardedMemory(size_t bytes) : size_((bytes + PAGE - 1) / PAGE * PAGE) {
  static std::atomic<int> last{0};
  installHandler();
  id_ = ++last;
  file_ = memfd_create("IOSurface", MFD_CLOEXEC);
  if (file_ < 0 || ftruncate(file_, static_cast<off_t>(size_)) != 0) fail("fake framework: memfd");
  base_ = mmap(nullptr, size_, PROT_READ, MAP_SHARED, file_, 0);
  if (base_ == MAP_FAILED) fail("fake framework: mmap");
  publish(static_cast<char*>(base_), size_, id_, "unlocked");
}

GuardedMemory::~GuardedMemory() {
  if (Range* range = published(static_cast<char*>(base_))) range->begin = nullptr;
  munmap(base_, size_);
  close(file_);
}

std::string GuardedMemory::lock(bool readOnly) {
  std::lock_guard guard(mutex_);
  std::string broken;
  if (engineWrites_ > 0) broken = describe() + " was locked while the engine writes it";
  else if (!readOnly && engineReads_ > 0) broken = describe() + " was locked for writing while the engine reads it";
  (readOnly ? readLocks_ : writeLocks_)++;
  protect();
  return broken;
}

std::string GuardedMemory::unlock(bool readOnly) {
  std::lock_guard guard(mutex_);
  int& locks = readOnly ? readLocks_ : writeLocks_;
  if (locks == 0) {
    const char* wanted = readOnly ? "for reading" : "for writing";
    return describe() + " was unlocked " + wanted + " without such a lock";
  }
  locks--;
  protect();
  return {};
}

std::string GuardedMemory::beginEngineAccess(bool writes) {
  std::lock_guard guard(mutex_);
  std::string broken;
  if (writeLocks_ > 0) broken = describe() + " is evaluated while it is locked for writing";
  else if (writes && readLocks_ > 0) broken = describe() + " is an output while it is locked for reading";
  else if (engineWrites_ > 0) broken = describe() + " is evaluated while another evaluation writes it";
  else if (writes && engineReads_ > 0) broken = describe() + " is an output while another evaluation reads it";
  (writes ? engineWrites_ : engineReads_)++;
  protect();
  return broken;
}

void GuardedMemory::endEngineAccess(bool writes) {
  std::lock_guard guard(mutex_);
  (writes ? engineWrites_ : engineReads_)--;
  protect();
}

bool GuardedMemory::locked() {
  std::lock_guard guard(mutex_);
  return readLocks_ + writeLocks_ > 0;
}

std::string GuardedMemory::state() {
  std::lock_guard guard(mutex_);
  return describe() + " (" + std::to_string(readLocks_) + " read locks, " + std::to_string(writeLocks_) +
         " write locks)";
}

void GuardedMemory::protect() {
  int access = PROT_READ;
  const char* state = readLocks_ > 0 ? "locked for reading" : "unlocked";
  if (engineWrites_ > 0) {
    access = PROT_NONE;
    state = "being written by the engine";
  } else if (writeLocks_ > 0) {
    access = PROT_READ | PROT_WRITE;
    state = "locked for writing";
  }
  if (Range* range = published(static_cast<char*>(base_))) range->state = state;
  if (mprotect(base_, size_, access) != 0) fail("fake framework: mprotect");
}

std::string GuardedMemory::describe() const { return "surface " + std::to_string(id_); }

}  // namespace fake

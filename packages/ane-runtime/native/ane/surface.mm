// IOSurfaces: created as every project that uses the framework does (one row of bytes), locked for each access of the
// processor, read-only where it only reads.
#import "ane/surface.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>

#import "ane/failure.h"
#import "ane/framework.h"
#import "ane/request_cache.h"

namespace ane {
namespace {

std::mutex mutex;
std::condition_variable released;

IOSurfaceLockOptions lockOptions(bool writable) { return writable ? 0 : kIOSurfaceLockReadOnly; }

bool fill(Surface::State& state, size_t bytes, Failure* failure) {
  static std::atomic<uint64_t> lastSerial{0};
  NSDictionary *properties = @{
    (id)kIOSurfaceWidth : @(bytes),
    (id)kIOSurfaceHeight : @1,
    (id)kIOSurfaceBytesPerElement : @1,
    (id)kIOSurfaceBytesPerRow : @(bytes),
    (id)kIOSurfaceAllocSize : @(bytes),
    (id)kIOSurfacePixelFormat : @0,
  };
  state.serial = ++lastSerial;
  state.bytes = bytes;
  state.surface = IOSurfaceCreate((__bridge CFDictionaryRef)properties);
  if (!state.surface) return fail(failure, "surface", "IOSurfaceCreate returned NULL");
  const size_t allocated = IOSurfaceGetAllocSize(state.surface);
  if (allocated < bytes) {
    return fail(failure, "surface", "IOSurfaceCreate allocated only " + std::to_string(allocated) + " bytes");
  }
  if (IOSurfaceLock(state.surface, lockOptions(true), nullptr) != 0) {
    return fail(failure, "surface", "IOSurfaceLock failed");
  }
  state.base = IOSurfaceGetBaseAddress(state.surface);
  if (state.base) std::memset(state.base, 0, bytes);
  const bool unlocked = IOSurfaceUnlock(state.surface, lockOptions(true), nullptr) == 0;
  if (!state.base) return fail(failure, "surface", "IOSurfaceGetBaseAddress returned NULL");
  if (!unlocked) return fail(failure, "surface", "IOSurfaceUnlock failed");
  id object = [framework().surfaceObject objectWithIOSurface:state.surface];
  if (!object) return fail(failure, "surface", "+[_ANEIOSurfaceObject objectWithIOSurface:] returned nil");
  state.object = Ref<id>(object);
  return true;
}

}  // namespace

Surface::State::~State() {
  @autoreleasepool {
    for (const auto& user : users) {
      if (const auto cache = user.lock()) cache->forget(serial);
    }
    object = Ref<id>();
    if (surface) CFRelease(surface);
  }
}

Surface::Surface(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Surface::~Surface() = default;

std::shared_ptr<Surface> Surface::create(size_t bytes, Failure* failure) noexcept {
  @autoreleasepool {
    auto state = std::make_unique<State>();
    bool succeeded = false;
    @try {
      succeeded = fill(*state, bytes, failure);
    } @catch (id thrown) {
      failWithThrown(failure, "surface", thrown);
    }
    if (!succeeded) return nullptr;
    return std::shared_ptr<Surface>(new Surface(std::move(state)));
  }
}

void* Surface::data() const noexcept { return state_->base; }
size_t Surface::size() const noexcept { return state_->bytes; }

bool Surface::lock(bool writable, Failure* failure) noexcept {
  {
    std::unique_lock<std::mutex> guard(mutex);
    released.wait(guard, [this] { return !state_->evaluating; });
    state_->locks++;
  }
  if (IOSurfaceLock(state_->surface, lockOptions(writable), nullptr) == 0) return true;
  const std::lock_guard<std::mutex> guard(mutex);
  state_->locks--;
  released.notify_all();
  return fail(failure, "surface", "IOSurfaceLock failed");
}

bool Surface::unlock(bool writable, Failure* failure) noexcept {
  const bool unlocked = IOSurfaceUnlock(state_->surface, lockOptions(writable), nullptr) == 0;
  const std::lock_guard<std::mutex> guard(mutex);
  state_->locks--;
  released.notify_all();
  return unlocked || fail(failure, "surface", "IOSurfaceUnlock failed");
}

Evaluating::Evaluating(const Surfaces& surfaces) : surfaces_(surfaces) {
  const auto isFree = [](const std::shared_ptr<Surface>& surface) {
    return surface->state().locks == 0 && !surface->state().evaluating;
  };
  std::unique_lock<std::mutex> guard(mutex);
  released.wait(guard, [&] { return std::all_of(surfaces.begin(), surfaces.end(), isFree); });
  for (const auto& surface : surfaces) surface->state().evaluating = true;
}

Evaluating::~Evaluating() {
  const std::lock_guard<std::mutex> guard(mutex);
  for (const auto& surface : surfaces_) surface->state().evaluating = false;
  released.notify_all();
}

void addUser(Surface& surface, const std::shared_ptr<RequestCache>& cache) {
  const std::lock_guard<std::mutex> guard(mutex);
  auto& users = surface.state().users;
  users.erase(std::remove_if(users.begin(), users.end(), [](const auto& user) { return user.expired(); }), users.end());
  const bool known = std::any_of(users.begin(), users.end(), [&](const auto& user) { return user.lock() == cache; });
  if (!known) users.push_back(cache);
}

}  // namespace ane

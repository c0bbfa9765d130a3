// Locks and conditions. Apple's static initializers carry a signature where glibc wants zeros; its objects are at least
// as big as glibc's, so they are used in place after the signature is gone.
#include <pthread.h>

#include <cstring>
#include <mutex>

#include "imports.h"
#include "stop.h"
#include "thread_locals.h"

namespace machload {
namespace {

constexpr uint64_t kMutexSignature = 0x32AAABA7;
constexpr uint64_t kConditionSignature = 0x3CB0B1BB;
constexpr uint64_t kOnceSignature = 0x30B1BCBA;

// Two threads may meet at a static initializer.
std::mutex adopting;

template <class T>
T* adopted(void* object, uint64_t signature) {
  auto* const word = static_cast<uint64_t*>(object);
  if (__atomic_load_n(word, __ATOMIC_ACQUIRE) == signature) {
    const std::lock_guard<std::mutex> guard(adopting);
    if (*word == signature) {
      std::memset(word + 1, 0, sizeof(T) - sizeof(*word));
      __atomic_store_n(word, 0, __ATOMIC_RELEASE);
    }
  }
  return static_cast<T*>(object);
}

pthread_mutex_t* mutexAt(void* object) { return adopted<pthread_mutex_t>(object, kMutexSignature); }
pthread_cond_t* conditionAt(void* object) { return adopted<pthread_cond_t>(object, kConditionSignature); }

// pthread_once_t: a signature, then room for a state. Recursion does not occur in libc++.
int once(uint64_t* control, void (*initialize)()) {
  static std::recursive_mutex running;
  const std::lock_guard<std::recursive_mutex> guard(running);
  if (*control == kOnceSignature) {
    *control = 0;
    initialize();
  }
  return 0;
}

uint32_t machPort(pthread_t thread) { return static_cast<uint32_t>(thread); }

}  // namespace

void* threadImport(std::string_view name) {
  static const Import table[] = {
      {"__tlv_bootstrap", threadLocalAddressEntry()},
      {"_pthread_cond_broadcast", addressOf(+[](void* c) { return pthread_cond_broadcast(conditionAt(c)); })},
      {"_pthread_cond_destroy", addressOf(+[](void* c) { return pthread_cond_destroy(conditionAt(c)); })},
      {"_pthread_cond_signal", addressOf(+[](void* c) { return pthread_cond_signal(conditionAt(c)); })},
      {"_pthread_cond_timedwait", addressOf(+[](void* c, void* m, const timespec* until) {
         return pthread_cond_timedwait(conditionAt(c), mutexAt(m), until);
       })},
      {"_pthread_cond_wait", addressOf(+[](void* c, void* m) {
         return pthread_cond_wait(conditionAt(c), mutexAt(m));
       })},
      {"_pthread_mach_thread_np", addressOf(machPort)},
      {"_pthread_mutex_destroy", addressOf(+[](void* m) { return pthread_mutex_destroy(mutexAt(m)); })},
      {"_pthread_mutex_lock", addressOf(+[](void* m) { return pthread_mutex_lock(mutexAt(m)); })},
      {"_pthread_mutex_trylock", addressOf(+[](void* m) { return pthread_mutex_trylock(mutexAt(m)); })},
      {"_pthread_mutex_unlock", addressOf(+[](void* m) { return pthread_mutex_unlock(mutexAt(m)); })},
      {"_pthread_once", addressOf(once)},
  };
  return findImport(table, name);
}

}  // namespace machload

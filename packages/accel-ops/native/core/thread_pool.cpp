#include "core/thread_pool.h"

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/cpu.h"

namespace ane {
namespace {

void pauseBriefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

// A worker without work looks for some this long before it sleeps: longer than the gaps between the
// operations of a training step, short enough not to be noticed by other programs.
constexpr auto kSpinTime = std::chrono::microseconds(50);

struct alignas(64) Job {
  Job(size_t chunkCount, void (*function)(void*, size_t), void* argument)
      : body(function), context(argument), chunks(chunkCount) {}

  void (*const body)(void*, size_t);
  void* const context;
  const size_t chunks;
  alignas(64) std::atomic<size_t> next{0};
  alignas(64) std::atomic<int> helpers{0};
  std::mutex failureMutex;
  std::exception_ptr failure;

  void drain() noexcept {
    for (size_t chunk; (chunk = next.fetch_add(1, std::memory_order_relaxed)) < chunks;) {
      try {
        body(context, chunk);
      } catch (...) {
        const std::lock_guard lock(failureMutex);
        if (!failure) failure = std::current_exception();
        next.store(chunks, std::memory_order_relaxed);
      }
    }
  }
};

int initialThreadCount() {
  const char* text = std::getenv("ANE_THREADS");
  if (!text || !*text) return std::min(hardwareThreads(), kMaxThreads);
  char* end;
  const long count = std::strtol(text, &end, 10);
  if (*end || count < 1 || count > kMaxThreads) {
    throw std::runtime_error("ANE_THREADS: must be an integer from 1 to " +
                             std::to_string(kMaxThreads) + ", got \"" + text +
                             "\". Unset it to use all hardware threads.");
  }
  return static_cast<int>(count);
}

class ThreadPool {
 public:
  // Never destroyed: at process exit workers may be asleep in it. The library stays loaded for the
  // same reason, even when the worker_thread that loaded it is gone.
  static ThreadPool& instance() {
    static ThreadPool* const pool = [] {
      Dl_info info;
      if (dladdr(reinterpret_cast<void*>(&initialThreadCount), &info))
        dlopen(info.dli_fname, RTLD_NOW | RTLD_NODELETE);
      return new ThreadPool;
    }();
    return *pool;
  }

  int threads() {
    const std::lock_guard lock(resizeMutex_);
    return static_cast<int>(workers_.size()) + 1;
  }

  void resize(int count) {
    const std::lock_guard lock(resizeMutex_);
    const size_t wanted = static_cast<size_t>(count) - 1;
    wanted_.store(wanted);
    while (workers_.size() < wanted) {
      const size_t index = workers_.size();
      workers_.emplace_back([this, index] { work(index); });
    }
    if (workers_.size() > wanted) {
      announce();
      for (size_t i = wanted; i < workers_.size(); ++i) workers_[i].join();
      workers_.resize(wanted);
    }
  }

  void run(Job& job) {
    if (job.chunks > 1 && wanted_.load(std::memory_order_relaxed) > 0) {
      {
        const std::lock_guard lock(jobsMutex_);
        jobs_.push_back(&job);
      }
      announce();
      job.drain();
      {
        const std::lock_guard lock(jobsMutex_);
        jobs_.erase(std::find(jobs_.begin(), jobs_.end(), &job));
      }
      spinUntil([&] { return job.helpers.load(std::memory_order_acquire) == 0; });
    } else {
      job.drain();
    }
    if (job.failure) std::rethrow_exception(job.failure);
  }

  void add(BackgroundSource* source) {
    const std::lock_guard lock(sourcesMutex_);
    sources_.push_back(source);
  }

  // On return no worker is inside the source.
  void remove(BackgroundSource* source) {
    {
      const std::lock_guard lock(sourcesMutex_);
      sources_.erase(std::find(sources_.begin(), sources_.end(), source));
    }
    spinUntil([&] {
      const std::lock_guard lock(sourcesMutex_);
      return std::find(visited_.begin(), visited_.end(), source) == visited_.end();
    });
  }

  // Tells the workers that there may be something to do.
  void announce() {
    signal_.fetch_add(1);
    if (sleepers_.load() > 0) {
      {
        const std::lock_guard lock(sleepMutex_);
      }
      wake_.notify_all();
    }
  }

 private:
  ThreadPool() { resize(initialThreadCount()); }

  void work(size_t index) {
    while (index < wanted_.load(std::memory_order_relaxed)) {
      const unsigned seen = signal_.load();
      if (helpForeground() || helpBackground()) continue;
      awaitSignal(seen);
    }
  }

  bool helpForeground() {
    Job* job = nullptr;
    {
      const std::lock_guard lock(jobsMutex_);
      for (Job* candidate : jobs_) {
        if (candidate->next.load(std::memory_order_relaxed) >= candidate->chunks) continue;
        job = candidate;
        job->helpers.fetch_add(1, std::memory_order_relaxed);
        break;
      }
    }
    if (!job) return false;
    job->drain();
    job->helpers.fetch_sub(1, std::memory_order_release);  // from here on the job may be gone
    return true;
  }

  // One chunk at a time, so that foreground work never waits for more than that.
  bool helpBackground() {
    for (size_t i = 0;; ++i) {
      BackgroundSource* source;
      {
        const std::lock_guard lock(sourcesMutex_);
        if (i >= sources_.size()) return false;
        source = sources_[i];
        visited_.push_back(source);
      }
      const bool ran = source->runOneChunk();
      {
        const std::lock_guard lock(sourcesMutex_);
        visited_.erase(std::find(visited_.begin(), visited_.end(), source));
      }
      if (ran) return true;
    }
  }

  void awaitSignal(unsigned seen) {
    const auto until = std::chrono::steady_clock::now() + kSpinTime;
    do {
      for (int i = 0; i < 64; ++i) {
        if (signal_.load(std::memory_order_relaxed) != seen) return;
        pauseBriefly();
      }
    } while (std::chrono::steady_clock::now() < until);
    std::unique_lock lock(sleepMutex_);
    sleepers_.fetch_add(1);
    wake_.wait(lock, [&] { return signal_.load() != seen; });
    sleepers_.fetch_sub(1);
  }

  std::mutex resizeMutex_;
  std::vector<std::thread> workers_;
  std::atomic<size_t> wanted_{0};

  std::mutex jobsMutex_;
  std::vector<Job*> jobs_;

  std::mutex sourcesMutex_;
  std::vector<BackgroundSource*> sources_;
  std::vector<BackgroundSource*> visited_;

  alignas(64) std::atomic<unsigned> signal_{0};
  std::atomic<int> sleepers_{0};
  std::mutex sleepMutex_;
  std::condition_variable wake_;
};

}  // namespace

int threadCount() { return ThreadPool::instance().threads(); }

void setThreadCount(int count) { ThreadPool::instance().resize(count); }

void runChunks(size_t chunks, void (*body)(void*, size_t), void* context) {
  if (chunks == 1) {
    body(context, 0);
  } else if (chunks > 1) {
    Job job(chunks, body, context);
    ThreadPool::instance().run(job);
  }
}

void addBackgroundSource(BackgroundSource& source) { ThreadPool::instance().add(&source); }

void removeBackgroundSource(BackgroundSource& source) { ThreadPool::instance().remove(&source); }

void announceWork() { ThreadPool::instance().announce(); }

void spinUntil(bool (*condition)(void*), void* context) {
  for (int spins = 0; !condition(context); ++spins) {
    if (spins < 2000) {
      pauseBriefly();
    } else {
      std::this_thread::yield();
    }
  }
}

}  // namespace ane

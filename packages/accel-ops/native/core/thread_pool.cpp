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

// Spins on a condition that other running threads are about to make true; gives the processor away when it takes long.
template <class Condition>
void spinUntil(Condition&& condition) {
  for (int spins = 0; !condition(); ++spins) {
    if (spins < 2000) {
      pauseBriefly();
    } else {
      std::this_thread::yield();
    }
  }
}

// A worker without work looks for some this long before it sleeps: longer than the gaps between the operations of a
// training step, short enough not to be noticed by other programs.
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
    throw std::runtime_error("ANE_THREADS: must be an integer from 1 to " + std::to_string(kMaxThreads) + ", got \"" +
                             text + "\". Unset it to use all hardware threads.");
  }
  return static_cast<int>(count);
}

class ThreadPool {
 public:
  // Never destroyed: at process exit workers may be asleep in it. The library stays loaded for the same reason, even
  // when the worker_thread that loaded it is gone.
  static ThreadPool& instance() {
    static ThreadPool* const pool = [] {
      Dl_info info;
      if (dladdr(reinterpret_cast<void*>(&initialThreadCount), &info)) dlopen(info.dli_fname, RTLD_NOW | RTLD_NODELETE);
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

  void add(BackgroundQueue* queue) {
    const std::lock_guard lock(queuesMutex_);
    queues_.push_back(queue);
  }

  // On return no worker is inside the queue.
  void remove(BackgroundQueue* queue) {
    {
      const std::lock_guard lock(queuesMutex_);
      queues_.erase(std::find(queues_.begin(), queues_.end(), queue));
    }
    spinUntil([&] {
      const std::lock_guard lock(queuesMutex_);
      return std::find(visited_.begin(), visited_.end(), queue) == visited_.end();
    });
  }

  // Tells the workers that there may be something to do.
  void announce() {
    signal_.fetch_add(1);
    if (sleepers_.load() > 0) {
      { const std::lock_guard lock(sleepMutex_); }
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
      BackgroundQueue* queue;
      {
        const std::lock_guard lock(queuesMutex_);
        if (i >= queues_.size()) return false;
        queue = queues_[i];
        visited_.push_back(queue);
      }
      const bool ran = queue->runOneChunk();
      {
        const std::lock_guard lock(queuesMutex_);
        visited_.erase(std::find(visited_.begin(), visited_.end(), queue));
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

  std::mutex queuesMutex_;
  std::vector<BackgroundQueue*> queues_;
  std::vector<BackgroundQueue*> visited_;

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

void runPhases(PhasedWork& work) {
  for (size_t phase = 0; phase < work.phases(); ++phase) {
    parallelFor(work.chunks(phase), [&](size_t chunk) { work.run(phase, chunk); });
  }
}

BackgroundQueue::BackgroundQueue() { ThreadPool::instance().add(this); }

BackgroundQueue::~BackgroundQueue() { ThreadPool::instance().remove(this); }

void BackgroundQueue::push(std::unique_ptr<PhasedWork> work) {
  {
    const std::lock_guard lock(mutex_);
    if (failure_) return;
    works_.push_back(std::move(work));
    if (works_.size() == 1) startWork();
  }
  ThreadPool::instance().announce();
}

size_t BackgroundQueue::pending() const {
  const std::lock_guard lock(mutex_);
  return works_.size();
}

void BackgroundQueue::startWork() {
  phase_ = next_ = 0;
  chunks_ = works_.front()->chunks(0);
}

bool BackgroundQueue::runOneChunk() {
  std::unique_lock lock(mutex_);
  if (works_.empty() || next_ >= chunks_) return false;
  PhasedWork* const work = works_.front().get();
  const size_t phase = phase_, chunk = next_++;
  ++running_;
  lock.unlock();
  std::exception_ptr failure;
  try {
    work->run(phase, chunk);
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  finishChunk(lock, failure);
  return true;
}

void BackgroundQueue::finishChunk(std::unique_lock<std::mutex>& lock, std::exception_ptr failure) {
  --running_;
  if (failure && !failure_) failure_ = failure;
  if (failure_) next_ = chunks_;
  std::unique_ptr<PhasedWork> done;
  std::deque<std::unique_ptr<PhasedWork>> dropped;
  if (running_ == 0 && next_ >= chunks_) {
    if (failure_) {
      works_.swap(dropped);
    } else if (++phase_ < works_.front()->phases()) {
      chunks_ = works_.front()->chunks(phase_);
      next_ = 0;
    } else {
      done = std::move(works_.front());
      works_.pop_front();
      if (!works_.empty()) startWork();
    }
    progress_.fetch_add(1, std::memory_order_release);
    lock.unlock();
    ThreadPool::instance().announce();
  }
}

void BackgroundQueue::wait() {
  for (;;) {
    const unsigned seen = progress_.load(std::memory_order_acquire);
    if (runOneChunk()) continue;
    {
      const std::lock_guard lock(mutex_);
      if (works_.empty()) break;
    }
    spinUntil([&] { return progress_.load(std::memory_order_acquire) != seen; });
  }
  const std::lock_guard lock(mutex_);
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace ane

#include "core/background_queue.h"

#include <utility>

namespace ane {

BackgroundQueue::BackgroundQueue() { addBackgroundSource(*this); }

BackgroundQueue::~BackgroundQueue() { removeBackgroundSource(*this); }

void BackgroundQueue::push(Maker make) {
  {
    const std::lock_guard lock(mutex_);
    if (failure_) return;
    works_.push_back(std::move(make));
    if (works_.size() == 1) startFirst();
  }
  announceWork();
}

size_t BackgroundQueue::pending() const {
  const std::lock_guard lock(mutex_);
  return works_.size();
}

void BackgroundQueue::startFirst() {
  phase_ = next_ = chunks_ = 0;
  try {
    first_ = works_.front()();
    chunks_ = first_->chunks(0);
  } catch (...) {
    failure_ = std::current_exception();
    works_.clear();
  }
}

bool BackgroundQueue::runOneChunk() {
  std::unique_lock lock(mutex_);
  if (works_.empty() || next_ >= chunks_) return false;
  PhasedWork* const work = first_.get();
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
  std::deque<Maker> dropped;
  if (running_ == 0 && next_ >= chunks_) {
    if (failure_) {
      works_.swap(dropped);
    } else if (++phase_ < first_->phases()) {
      chunks_ = first_->chunks(phase_);
      next_ = 0;
    } else {
      done = std::move(first_);
      works_.pop_front();
      if (!works_.empty()) startFirst();
    }
    progress_.fetch_add(1, std::memory_order_release);
    lock.unlock();
    announceWork();
  }
}

void BackgroundQueue::wait(size_t pending) {
  for (;;) {
    const unsigned seen = progress_.load(std::memory_order_acquire);
    if (this->pending() <= pending) break;
    if (runOneChunk()) continue;
    spinUntil([&] { return progress_.load(std::memory_order_acquire) != seen; });
  }
  const std::lock_guard lock(mutex_);
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace ane

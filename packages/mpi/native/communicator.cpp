#include "communicator.h"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace ane::mpi {
namespace {

constexpr int kSuccess = 0;
constexpr int kThreadFunneled = 1;
constexpr int kRoot = 0;
// MPI_IN_PLACE: mpi.h of Open MPI defines it as the address 1.
void* const kInPlace = reinterpret_cast<void*>(1);

// Between two looks at a request: short beside a layer's products, long enough to leave the processor to them. The first looks
// only yield, for small sums whose peers are ready.
constexpr int kEagerTests = 64;
constexpr std::chrono::microseconds kPause{50};

}  // namespace

Communicator::Communicator(const std::string& library) {
  std::string failure;
  bool started = false;
  thread_ = std::thread([&] { run(library, failure, started); });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return started; });
  if (failure.empty()) return;
  lock.unlock();
  thread_.join();
  throw std::runtime_error(failure);
}

void Communicator::close() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Communicator::abandon() {
  abandoned_ = true;
  close();
}

void Communicator::allReduce(float* values, int count, Done done) {
  sum(values, count, mpi_.floatType, std::move(done));
}

void Communicator::allReduce(double* values, int count, Done done) {
  sum(values, count, mpi_.doubleType, std::move(done));
}

void Communicator::sum(void* values, int count, OpenMpi::Handle type, Done done) {
  push(
      [this, values, count, type](OpenMpi::Request* request) {
        return mpi_.iallreduce(kInPlace, values, count, type, mpi_.sum, mpi_.world, request);
      },
      std::move(done));
}

void Communicator::broadcast(unsigned char* bytes, int count, Done done) {
  push(
      [this, bytes, count](OpenMpi::Request* request) {
        return mpi_.ibcast(bytes, count, mpi_.byteType, kRoot, mpi_.world, request);
      },
      std::move(done));
}

void Communicator::push(Begin begin, Done done) {
  {
    std::lock_guard lock(mutex_);
    calls_.push_back([this, begin = std::move(begin), done = std::move(done)] { done(complete(begin)); });
  }
  changed_.notify_all();
}

// Returns what went wrong, or nothing.
std::string Communicator::complete(const Begin& begin) {
  const std::string given_up = "the group was abandoned";
  if (abandoned_) return given_up;
  OpenMpi::Request request = nullptr;
  int code = begin(&request);
  int finished = 0;
  for (int tests = 0; code == kSuccess; ++tests) {
    code = mpi_.test(&request, &finished, nullptr);
    if (finished) break;
    if (abandoned_) return given_up;
    if (tests < kEagerTests) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(kPause);
    }
  }
  return code == kSuccess ? "" : mpi_.describe(code);
}

void Communicator::initialize(const std::string& library) {
  mpi_ = OpenMpi::load(library);
  int provided = 0;
  int code = mpi_.initThread(nullptr, nullptr, kThreadFunneled, &provided);
  if (code == kSuccess) code = mpi_.commSetErrhandler(mpi_.world, mpi_.errorsReturn);
  if (code == kSuccess) code = mpi_.commRank(mpi_.world, &rank_);
  if (code == kSuccess) code = mpi_.commSize(mpi_.world, &size_);
  if (code != kSuccess) throw std::runtime_error("MPI could not be initialized: " + mpi_.describe(code));
  if (provided < kThreadFunneled) throw std::runtime_error("the MPI library was built without threads");
  version_ = mpi_.version();
}

void Communicator::run(const std::string& library, std::string& failure, bool& started) {
  bool usable = true;
  {
    std::string message;
    try {
      initialize(library);
    } catch (const std::exception& error) {
      message = error.what();
      usable = false;
    }
    std::lock_guard lock(mutex_);
    failure = message;
    started = true;
  }
  changed_.notify_all();  // from here on `failure` and `started` may be gone
  if (!usable) return;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return closing_ || !calls_.empty(); });
    if (calls_.empty()) break;
    const auto call = std::move(calls_.front());
    calls_.pop_front();
    lock.unlock();
    call();
    lock.lock();
  }
  if (!abandoned_) mpi_.finalize();
}

}  // namespace ane::mpi

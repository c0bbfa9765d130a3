#include "communicator.h"

#include <stdexcept>
#include <utility>

namespace ane::mpi {
namespace {

constexpr int kSuccess = 0;
constexpr int kThreadFunneled = 1;
// MPI_IN_PLACE: mpi.h of Open MPI defines it as the address 1.
void* const kInPlace = reinterpret_cast<void*>(1);

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

void Communicator::allReduce(float* values, int count, Done done) {
  push(values, count, mpi_.floatType, std::move(done));
}

void Communicator::allReduce(double* values, int count, Done done) {
  push(values, count, mpi_.doubleType, std::move(done));
}

void Communicator::push(void* values, int count, OpenMpi::Handle type, Done done) {
  {
    std::lock_guard lock(mutex_);
    calls_.push_back([this, values, count, type, done = std::move(done)] {
      const int code = mpi_.allreduce(kInPlace, values, count, type, mpi_.sum, mpi_.world);
      done(code == kSuccess ? "" : mpi_.describe(code));
    });
  }
  changed_.notify_all();
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
  mpi_.finalize();
}

}  // namespace ane::mpi

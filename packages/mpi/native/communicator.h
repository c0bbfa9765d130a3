// All processes of an mpirun. One thread of its own makes every MPI call, in the order they were asked for, so that the library
// needs no more than MPI_THREAD_FUNNELED and no caller ever blocks. While it waits for its peers it sleeps in between, because
// the processors belong to the computation, and can be told to give up, because a peer that has died may never answer.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "open_mpi.h"

namespace ane::mpi {

class Communicator {
 public:
  // Called on the communicator's thread; the text is empty after success.
  using Done = std::function<void(const std::string& error)>;

  // Loads and initializes MPI; returns when that is done. Throws std::runtime_error.
  explicit Communicator(const std::string& library);
  // Only after `close` or `abandon`.
  ~Communicator() = default;
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;

  // Finalizes MPI after the calls that are queued, together with all peers.
  void close();

  // Leaves the peers as they are: what is under way or queued fails, MPI is not finalized.
  void abandon();

  int rank() const { return rank_; }
  int size() const { return size_; }
  const std::string& version() const { return version_; }

  // Sums over all processes, in place. The memory must stay until `done`.
  void allReduce(float* values, int count, Done done);
  void allReduce(double* values, int count, Done done);

  // Everybody's bytes become those of process 0. The memory must stay until `done`.
  void broadcast(unsigned char* bytes, int count, Done done);

 private:
  using Begin = std::function<int(OpenMpi::Request*)>;

  void run(const std::string& library, std::string& failure, bool& started);
  void initialize(const std::string& library);
  void sum(void* values, int count, OpenMpi::Handle type, Done done);
  void push(Begin begin, Done done);
  std::string complete(const Begin& begin);

  OpenMpi mpi_{};
  int rank_ = 0, size_ = 0;
  std::string version_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> calls_;
  bool closing_ = false;
  std::atomic<bool> abandoned_{false};
  std::thread thread_;
};

}  // namespace ane::mpi

// Faults also come from the environment variable FAKE_ANE_FAULTS: "place:kind=code*times+skip" separated by commas,
// where all but place and kind may be left out, such as "loadWithQoS:error=5*1,evaluateWithQoS:throw".
#include "core/faults.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

#include "core/ledger.h"

namespace fake {
namespace {

struct Injected {
  std::string at;
  Fault fault;
  int skip;
  int times;
};

class Faults {
 public:
  Faults() {
    const char* text = std::getenv("FAKE_ANE_FAULTS");
    std::istringstream entries(text ? text : "");
    for (std::string entry; std::getline(entries, entry, ',');) inject(parse(entry));
  }

  void inject(Injected injected) {
    std::lock_guard guard(mutex_);
    all_.push_back(std::move(injected));
    // No lock is taken where there are no faults: it would order threads that nothing orders on a Mac.
    armed_.store(true, std::memory_order_release);
  }

  void clear() {
    std::lock_guard guard(mutex_);
    all_.clear();
    armed_.store(false, std::memory_order_release);
  }

  std::optional<Fault> take(const char* at) {
    if (!armed_.load(std::memory_order_acquire)) return std::nullopt;
    std::lock_guard guard(mutex_);
    for (auto& injected : all_) {
      if (injected.at != at || injected.times == 0) continue;
      if (injected.skip > 0) {
        injected.skip--;
        continue;
      }
      if (injected.times > 0) injected.times--;
      return injected.fault;
    }
    return std::nullopt;
  }

  void hold() {
    std::unique_lock guard(mutex_);
    // Counted with the mutex: whoever sees it releases it.
    add(Count::heldCalls);
    released_.wait(guard, [this, held = releases_] { return releases_ != held; });
    add(Count::heldCalls, -1);
  }

  void release() {
    std::lock_guard guard(mutex_);
    releases_++;
    released_.notify_all();
  }

 private:
  static Injected parse(const std::string& entry) {
    const auto number = [&](char mark, long otherwise) {
      const auto at = entry.find(mark);
      return at == std::string::npos ? otherwise : std::strtol(entry.c_str() + at + 1, nullptr, 0);
    };
    const auto colon = entry.find(':');
    const auto kind = entry.substr(colon + 1, entry.find_first_of("=*+", colon) - colon - 1);
    return {entry.substr(0, colon), {kind, number('=', 0)}, int(number('+', 0)), int(number('*', -1))};
  }

  std::atomic<bool> armed_{false};
  std::mutex mutex_;
  std::condition_variable released_;
  std::vector<Injected> all_;
  int releases_ = 0;
};

Faults& faults() {
  static auto* all = new Faults;
  return *all;
}

}  // namespace

void injectFault(const std::string& at, const Fault& fault, int skip, int times) {
  faults().inject({at, fault, skip, times});
}

void clearFaults() { faults().clear(); }

void releaseHeld() { faults().release(); }

std::optional<Fault> takeFault(const char* at) {
  auto fault = faults().take(at);
  if (fault && fault->kind == "delay") {
    std::this_thread::sleep_for(std::chrono::milliseconds(fault->code));
    return std::nullopt;
  }
  if (fault && fault->kind == "hold") {
    faults().hold();
    return std::nullopt;
  }
  return fault;
}

}  // namespace fake

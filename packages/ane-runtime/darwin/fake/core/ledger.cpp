#include "core/ledger.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <utility>

namespace fake {
namespace {

constexpr size_t COUNTS = static_cast<size_t>(Count::end);

constexpr std::array<const char*, COUNTS> NAMES = {
    "descriptors",   "models",       "requests",           "surfaceObjects", "statistics",
    "surfaces",      "ioReportObjects", "loadedModels",    "runningEvaluations", "heldCalls", "compiles",
    "cachedCompiles", "loads",       "evaluations",        "unloads",        "addressesWithoutLock",
};

std::array<std::atomic<int>, COUNTS> counters;

struct Notes {
  std::mutex mutex;
  std::vector<std::string> violations;
  std::vector<PublishedMethod> methods;
};

// Never destroyed: objects may be released after the destructors of the process have run.
Notes& notes() {
  static auto* all = new Notes;
  return *all;
}

}  // namespace

void add(Count count, int by) { counters[static_cast<size_t>(count)].fetch_add(by, std::memory_order_relaxed); }

int value(Count count) { return counters[static_cast<size_t>(count)].load(std::memory_order_relaxed); }

const char* nameOf(Count count) { return NAMES[static_cast<size_t>(count)]; }

void notePublished(const PublishedMethod& method) {
  auto& all = notes();
  std::lock_guard guard(all.mutex);
  all.methods.push_back(method);
}

std::vector<PublishedMethod> publishedMethods() {
  auto& all = notes();
  std::lock_guard guard(all.mutex);
  return all.methods;
}

void violation(const std::string& rule) {
  std::fprintf(stderr, "fake framework: violation: %s\n", rule.c_str());
  auto& all = notes();
  std::lock_guard guard(all.mutex);
  all.violations.push_back(rule);
}

std::vector<std::string> takeViolations() {
  auto& all = notes();
  std::lock_guard guard(all.mutex);
  return std::exchange(all.violations, {});
}

}  // namespace fake

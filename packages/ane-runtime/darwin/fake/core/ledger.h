// What the fake has seen: live objects, calls, and the rules that its caller broke. Counters are relaxed atomics, so
// that they order no memory and hide no race from ThreadSanitizer.
#pragma once

#include <string>
#include <vector>

namespace fake {

enum class Count {
  // Objects that live.
  descriptors,
  models,
  requests,
  surfaceObjects,
  statistics,
  surfaces,
  ioReportObjects,
  // Models that occupy the engine, and evaluations that run.
  loadedModels,
  runningEvaluations,
  // Calls that an injected fault holds.
  heldCalls,
  // Calls, ever.
  compiles,
  cachedCompiles,
  loads,
  evaluations,
  unloads,
  // Base addresses asked for without a lock: allowed while nothing changes the surface.
  addressesWithoutLock,
  end,
};

void add(Count count, int by = 1);
int value(Count count);
const char* nameOf(Count count);

// A method that the fake framework publishes, such as "_ANERequest -validate" with its type encoding.
struct PublishedMethod {
  std::string name, encoding;
};
void notePublished(const PublishedMethod& method);
std::vector<PublishedMethod> publishedMethods();

// A rule of the framework that the caller broke. Remembered, and printed at once: a process may die of it.
void violation(const std::string& rule);
// All since the last call.
std::vector<std::string> takeViolations();

}  // namespace fake

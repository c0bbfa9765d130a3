// The inside of a Surface, for the files that make requests and evaluate.
#pragma once

#import <IOSurface/IOSurfaceRef.h>

#include "ane/engine.h"
#import "ane/ref.h"

namespace ane {

// Requests that name a surface, kept by a model; they go when the surface goes.
class RequestCache;

struct Surface::State {
  ~State();

  IOSurfaceRef surface = nullptr;
  // The framework's wrapper: one for all requests that name the surface.
  Ref<id> object;
  void* base = nullptr;
  size_t bytes = 0;
  // Never used again, unlike an address.
  uint64_t serial = 0;
  // Guarded by the one mutex of all surfaces: locks held by the processor, whether an evaluation runs on it, and who
  // names it.
  int locks = 0;
  bool evaluating = false;
  std::vector<std::weak_ptr<RequestCache>> users;
};

// Waits until neither the processor nor another evaluation is at any of the surfaces, then holds them all. They are
// taken at one moment, so two evaluations cannot wait for each other.
class Evaluating {
 public:
  explicit Evaluating(const Surfaces& surfaces);
  Evaluating(const Evaluating&) = delete;
  Evaluating& operator=(const Evaluating&) = delete;
  ~Evaluating();

 private:
  const Surfaces& surfaces_;
};

// Adds a cache to the users of the surface, if it is not one.
void addUser(Surface& surface, const std::shared_ptr<RequestCache>& cache);

}  // namespace ane

// Work made of phases; the chunks of a phase are independent of each other, and a phase starts when
// the one before it is complete.
#pragma once

#include <stddef.h>

#include "core/thread_pool.h"

namespace ane {

// At least one phase, and at least one chunk in each.
class PhasedWork {
 public:
  virtual ~PhasedWork() = default;
  virtual size_t phases() const = 0;
  virtual size_t chunks(size_t phase) const = 0;
  virtual void run(size_t phase, size_t chunk) = 0;
};

// Runs all phases now, as foreground work.
inline void runPhases(PhasedWork& work) {
  for (size_t phase = 0; phase < work.phases(); ++phase) {
    parallelFor(work.chunks(phase), [&](size_t chunk) { work.run(phase, chunk); });
  }
}

}  // namespace ane

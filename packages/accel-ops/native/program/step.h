// One operation of a program, decoded and ready to run on any memory.
#pragma once

#include "program/place.h"

namespace ane {

class Step {
 public:
  virtual ~Step() = default;
  // With all threads.
  virtual void run(const Frame& frame) const = 0;
  // In the calling thread alone: steps of a loop.
  virtual void runHere(Frame& frame) const = 0;
};

}  // namespace ane

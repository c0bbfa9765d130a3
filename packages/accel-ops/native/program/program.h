// A list of operations over numbered buffers: decoded once, run as often as wanted on whatever
// memory.
#pragma once

#include <memory>
#include <vector>

#include "program/step.h"

namespace ane {

class Program {
 public:
  // The form that src/program/encode-program.ts writes; valid.
  Program(const double* numbers, size_t length);

  size_t buffers() const { return buffers_; }
  // Those that every run must be given.
  const std::vector<size_t>& used() const { return used_; }
  void run(const Elements* buffers) const;

 private:
  size_t buffers_;
  std::vector<size_t> used_;
  std::vector<std::unique_ptr<Step>> steps_;
};

}  // namespace ane

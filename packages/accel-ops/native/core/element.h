// Arrays whose element type is known at run time: fp32, or fp16 as raw bits.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ane {

enum class Element : uint8_t { fp32, fp16 };

struct Elements {
  void* data;
  Element type;

  float* floats() const { return static_cast<float*>(data); }
  uint16_t* halves() const { return static_cast<uint16_t*>(data); }
  size_t elementSize() const { return type == Element::fp32 ? 4 : 2; }
  Elements operator+(ptrdiff_t elements) const {
    return {static_cast<char*>(data) + elements * static_cast<ptrdiff_t>(elementSize()), type};
  }
};

}  // namespace ane

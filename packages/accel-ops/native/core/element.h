// Arrays whose element type is known at run time: fp32, or fp16 as raw bits.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ane {

enum class Element : uint8_t { fp32, fp16 };

// Always inlined, because kernels of all instruction sets use it.
struct Elements {
  void* data;
  Element type;

  __attribute__((always_inline)) float* floats() const { return static_cast<float*>(data); }
  __attribute__((always_inline)) uint16_t* halves() const { return static_cast<uint16_t*>(data); }
  __attribute__((always_inline)) size_t elementSize() const {
    return type == Element::fp32 ? 4 : 2;
  }
  __attribute__((always_inline)) Elements operator+(ptrdiff_t elements) const {
    return {static_cast<char*>(data) + elements * static_cast<ptrdiff_t>(elementSize()), type};
  }
};

}  // namespace ane

// A 256-bit hash of content, as long as the SHA-256 that the framework names its folders by: FNV-1a in four lanes
// that start differently (Fowler, Noll, Vo). It only has to tell the contents of a test apart.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

namespace fake {

class ContentHash {
 public:
  void add(const void* data, size_t bytes) {
    const auto* next = static_cast<const unsigned char*>(data);
    for (size_t i = 0; i < bytes; i++) {
      for (auto& lane : lanes_) lane = (lane ^ next[i]) * 0x100000001b3;
    }
  }

  // 64 digits
  std::string hex() const {
    std::string text;
    for (const uint64_t lane : lanes_) {
      char digits[17];
      std::snprintf(digits, sizeof digits, "%016llX", static_cast<unsigned long long>(lane));
      text += digits;
    }
    return text;
  }

 private:
  std::array<uint64_t, 4> lanes_ = {0xcbf29ce484222325, 0x84222325cbf29ce4, 0x9ce484222325cbf2, 0x2325cbf29ce48422};
};

}  // namespace fake

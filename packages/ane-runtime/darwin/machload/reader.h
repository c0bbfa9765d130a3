// Reads the numbers of Mach-O and DWARF tables, which need not be aligned, and advances.
#pragma once

#include <cstdint>
#include <cstring>

namespace machload {

template <class T>
T valueAt(const void* place) {
  T value;
  std::memcpy(&value, place, sizeof(value));
  return value;
}

struct Reader {
  const uint8_t* at;

  template <class T>
  T take() {
    const T value = valueAt<T>(at);
    at += sizeof(T);
    return value;
  }

  // LEB128, unsigned and signed
  uint64_t number() {
    uint64_t value = 0;
    uint8_t byte;
    int shift = 0;
    do {
      byte = *at++;
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      shift += 7;
    } while (byte & 0x80);
    return value;
  }
  int64_t signedNumber() {
    int64_t value = 0;
    uint8_t byte;
    int shift = 0;
    do {
      byte = *at++;
      value |= static_cast<int64_t>(byte & 0x7f) << shift;
      shift += 7;
    } while (byte & 0x80);
    return shift < 64 && (byte & 0x40) ? value | -(int64_t{1} << shift) : value;
  }

  const char* text() {
    const char* start = reinterpret_cast<const char*>(at);
    at += std::strlen(start) + 1;
    return start;
  }
};

}  // namespace machload

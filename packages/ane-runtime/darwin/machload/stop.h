// The loader has no way to go on after a surprise: it says what it was and aborts.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace machload {

template <class... Values>
[[noreturn]] void stop(const char* format, Values... values) {
  std::fprintf(stderr, "machload: ");
  if constexpr (sizeof...(values) == 0) {
    std::fputs(format, stderr);
  } else {
    std::fprintf(stderr, format, values...);
  }
  std::fputc('\n', stderr);
  std::abort();
}

}  // namespace machload

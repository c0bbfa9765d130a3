// Compares every conversion between fp16 and fp32 that the packages ship, on this processor, with the portable one of
// ane/half.h: the addon's own, and accel-ops' kernel of each instruction set. Usage: compare STEP; 1 takes all 2^32
// floats, n every n-th, counted over their bits. All 2^16 halfs are always taken. Prints "at N/64" while it runs, then
// one hash of all results: processors agree if their hashes do. Exit code 1 on a difference.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "ane/half.h"
#include "ops/convert.h"

namespace {

struct Implementation {
  const char* name;
  void (*toHalf)(const float* source, uint16_t* target, size_t count);
  void (*toFloat)(const uint16_t* source, float* target, size_t count);
};

const ane::ConvertKernels scalar = ane::scalar::convertKernels;
#if defined(__aarch64__)
const ane::ConvertKernels vector = ane::neon::convertKernels;
const Implementation implementations[] = {{"ane/half.h with NEON", ane::toHalf, ane::toFloat},
                                          {"accel-ops scalar", scalar.toHalf, scalar.toFloat},
                                          {"accel-ops NEON", vector.toHalf, vector.toFloat}};
#else
const ane::ConvertKernels f16c = ane::avx2::convertKernels, avx512 = ane::avx512::convertKernels;
const Implementation implementations[] = {{"ane/half.h without NEON", ane::toHalf, ane::toFloat},
                                          {"accel-ops scalar", scalar.toHalf, scalar.toFloat},
                                          {"accel-ops F16C", f16c.toHalf, f16c.toFloat},
                                          {"accel-ops AVX-512", avx512.toHalf, avx512.toFloat}};
#endif

bool available(const Implementation& implementation) {
#if defined(__x86_64__)
  if (implementation.toHalf == avx512.toHalf) return __builtin_cpu_supports("avx512f");
#endif
  return implementation.toHalf != nullptr;
}

// A block whose length is no multiple of any vector, so that remainders are taken too.
constexpr size_t kBlock = 4099;

uint64_t hash = 14695981039346656037u;
long differences = 0;

void note(uint64_t value) {
  hash = (hash ^ value) * 0x100000001b3u;
  hash ^= hash >> 29;
}

void differ(const char* name, const char* what, uint32_t input, uint32_t expected, uint32_t actual) {
  if (differences++ < 10) std::printf("%s %s: of %#x expected %#x, got %#x\n", name, what, input, expected, actual);
}

void compareFloats(const std::vector<float>& source, size_t count) {
  static std::vector<uint16_t> target(kBlock);
  const auto bits = reinterpret_cast<const uint32_t*>(source.data());
  static std::vector<uint16_t> expected(kBlock);
  for (size_t i = 0; i < count; i++) note(expected[i] = ane::halfFromFloat(source[i]));
  for (const Implementation& implementation : implementations) {
    if (!available(implementation)) continue;
    implementation.toHalf(source.data(), target.data(), count);
    for (size_t i = 0; i < count; i++) {
      if (target[i] != expected[i]) differ(implementation.name, "toHalf", bits[i], expected[i], target[i]);
    }
  }
}

void compareHalfs() {
  std::vector<uint16_t> source(65536);
  std::vector<uint32_t> expected(source.size());
  for (size_t i = 0; i < source.size(); i++) {
    source[i] = static_cast<uint16_t>(i);
    const float value = ane::floatFromHalf(source[i]);
    std::memcpy(&expected[i], &value, sizeof(value));
    note(expected[i]);
  }
  std::vector<float> target(source.size());
  const auto actual = reinterpret_cast<const uint32_t*>(target.data());
  for (const Implementation& implementation : implementations) {
    if (!available(implementation)) continue;
    implementation.toFloat(source.data(), target.data(), source.size());
    for (size_t i = 0; i < source.size(); i++) {
      if (actual[i] != expected[i]) differ(implementation.name, "toFloat", source[i], expected[i], actual[i]);
    }
  }
}

}  // namespace

int main(int, char** arguments) {
  const uint64_t step = std::strtoull(arguments[1], nullptr, 10), all = uint64_t{1} << 32;
  std::vector<float> source(kBlock);
  uint64_t next = 0;
  for (int part = 1; part <= 64; part++) {
    while (next < all / 64 * part) {
      size_t count = 0;
      for (; count < kBlock && next < all; next += step) {
        const auto bits = static_cast<uint32_t>(next);
        std::memcpy(&source[count++], &bits, sizeof(bits));
      }
      compareFloats(source, count);
    }
    std::printf("at %d/64\n", part);
    std::fflush(stdout);
  }
  compareHalfs();
  std::printf("hash %016llx, differences %ld\n", static_cast<unsigned long long>(hash), differences);
  return differences == 0 ? 0 : 1;
}

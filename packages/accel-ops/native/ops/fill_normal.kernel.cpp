#include "ops/fill_normal.h"

// Plain loops over small arrays, without branches, that compilers can turn into vector code.
// Vectors or not, every element goes through the same operations.
namespace ane::ANE_ISA {
namespace {

template <size_t n>
using Words = uint32_t[4][n];

template <size_t n>
inline void philoxRounds(Words<n>& c, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    for (size_t i = 0; i < n; ++i) {
      const uint64_t product0 = uint64_t{0xd2511f53} * c[0][i],
                     product1 = uint64_t{0xcd9e8d57} * c[2][i];
      c[0][i] = static_cast<uint32_t>(product1 >> 32) ^ c[1][i] ^ key0;
      c[1][i] = static_cast<uint32_t>(product1);
      c[2][i] = static_cast<uint32_t>(product0 >> 32) ^ c[3][i] ^ key1;
      c[3][i] = static_cast<uint32_t>(product0);
    }
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
}

// ln u for a normal number u > 0: u = m·2^e with m from √½ to √2, ln m = 2·artanh(s) with
// s = (m − 1)/(m + 1), by its series; |s| < 0.172, so the term after s²¹/21 is below 1e-18.
inline double naturalLog(double u) {
  constexpr double kLn2 = 0.6931471805599453;
  constexpr uint64_t kShift = uint64_t{0x95f62} << 32;  // carries into the exponent from √2 on
  const uint64_t shifted = __builtin_bit_cast(uint64_t, u) + kShift;
  const double exponent = static_cast<int32_t>(shifted >> 52) - 1023;
  const double m =
      __builtin_bit_cast(double, (shifted & 0x000fffffffffffff) + 0x3ff0000000000000 - kShift);
  const double s = (m - 1.0) / (m + 1.0), s2 = s * s;
  double series = 1.0 / 21;
  for (int k = 19; k >= 1; k -= 2) series = series * s2 + 1.0 / k;
  return exponent * kLn2 + 2.0 * s * series;
}

struct SinCos {
  double sin, cos;
};

// Of 2π·turn/2³²: the nearest quarter turn is split off exactly, the rest (|angle| <= π/4) goes
// into the series, nested: sin a = a(1 − a²/(2·3)(1 − a²/(4·5)(…))), cos a = 1 − a²/(1·2)(1 −
// a²/(3·4)(…)); the first terms left out are below 1e-17.
inline SinCos sinCosOfTurn(uint32_t turn) {
  constexpr double kUnit = 3.141592653589793 / 2147483648.0;
  const uint32_t quarter = (turn + 0x20000000u) >> 30;
  const double angle = static_cast<int32_t>(turn - (quarter << 30)) * kUnit, a2 = angle * angle;
  double s = 1.0, c = 1.0;
  for (int k = 16; k >= 2; k -= 2) s = 1.0 - s * a2 * (1.0 / (k * (k + 1)));
  for (int k = 17; k >= 1; k -= 2) c = 1.0 - c * a2 * (1.0 / (k * (k + 1)));
  s *= angle;
  const double even = quarter & 1 ? s : c, odd = quarter & 1 ? c : s;
  return {quarter & 2 ? -odd : odd, (quarter + 1) & 2 ? -even : even};
}

void philox(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]) {
  Words<1> c = {{counter[0]}, {counter[1]}, {counter[2]}, {counter[3]}};
  philoxRounds(c, key[0], key[1]);
  for (int i = 0; i < 4; ++i) words[i] = c[i][0];
}

void blocks(const NormalStream& source, uint64_t first, float* out) {
  const double std = source.std;
  Words<kNormalBlocks> words;
  for (size_t i = 0; i < kNormalBlocks; ++i) {
    words[0][i] = static_cast<uint32_t>(first + i);
    words[1][i] = static_cast<uint32_t>((first + i) >> 32);
    words[2][i] = static_cast<uint32_t>(source.stream);
    words[3][i] = static_cast<uint32_t>(source.stream >> 32);
  }
  philoxRounds(words, static_cast<uint32_t>(source.seed), static_cast<uint32_t>(source.seed >> 32));
  for (size_t pair = 0; pair < 4; pair += 2) {
    for (size_t i = 0; i < kNormalBlocks; ++i) {
      const double u = (words[pair][i] + 0.5) * 0x1p-32;
      const double radius = __builtin_sqrt(-2.0 * naturalLog(u));
      const SinCos direction = sinCosOfTurn(words[pair + 1][i]);
      out[4 * i + pair] = static_cast<float>(radius * direction.cos * std);
      out[4 * i + pair + 1] = static_cast<float>(radius * direction.sin * std);
    }
  }
}

}  // namespace

const FillNormalKernels fillNormalKernels = {philox, blocks};

}  // namespace ane::ANE_ISA

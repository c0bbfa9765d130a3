#include "core/cpu.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__linux__)
#include <sched.h>
#if defined(__aarch64__)
#include <sys/auxv.h>
#endif
#endif

namespace ane {
namespace {

#if defined(__x86_64__)
struct Registers {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers cpuid(unsigned leaf, unsigned subleaf = 0) {
  Registers r;
  __get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx);
  return r;
}

bool bit(unsigned word, int index) { return (word >> index) & 1u; }

// Register state that the operating system saves on a context switch (XCR0); zero without OSXSAVE.
unsigned savedState() {
  if (!bit(cpuid(1).ecx, 27)) return 0;
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

struct Features {
  bool avx2, fma, f16c, bmi, avx512, avx512bf16;
  Features() {
    const Registers basic = cpuid(1), extended = cpuid(7), more = cpuid(7, 1),
                    amd = cpuid(0x80000001u);
    const unsigned state = savedState();
    const bool ymm = (state & 0x6) == 0x6, zmm = (state & 0xe6) == 0xe6;
    avx2 = ymm && bit(extended.ebx, 5);
    fma = ymm && bit(basic.ecx, 12);
    f16c = ymm && bit(basic.ecx, 29);
    // BMI1, BMI2, MOVBE and LZCNT: what a compiler may use besides vectors when asked for
    // x86-64-v3.
    bmi = bit(extended.ebx, 3) && bit(extended.ebx, 8) && bit(basic.ecx, 22) && bit(amd.ecx, 5);
    // F, DQ, CD, BW and VL: x86-64-v4.
    avx512 = zmm && bit(extended.ebx, 16) && bit(extended.ebx, 17) && bit(extended.ebx, 28) &&
             bit(extended.ebx, 30) && bit(extended.ebx, 31);
    avx512bf16 = avx512 && bit(more.eax, 5);
  }
};
#endif

#if defined(__x86_64__)
const Features& features() {
  static const Features found;
  return found;
}
#endif

#if defined(__aarch64__)
// FEAT_BF16 as the kernel announces it. Not asked for on macOS, where Accelerate's fp32 products
// run on the matrix units.
bool bf16Instructions() {
#if defined(__linux__)
  constexpr unsigned long kBf16 = 1ul << 14;  // HWCAP2_BF16
  return getauxval(AT_HWCAP2) & kBf16;
#else
  return false;
#endif
}
#endif

// What ANE_ACCEL_ISA may name.
struct Choice {
  const char* name;
  Isa isa;
  bool bf16, available;
};

Choice choose() {
#if defined(__x86_64__)
  const Features& f = features();
  const bool v3 = f.avx2 && f.fma && f.f16c && f.bmi, v4 = v3 && f.avx512;
  const Choice choices[] = {{"avx512bf16", Isa::avx512, true, v4 && f.avx512bf16},
                            {"avx512", Isa::avx512, false, v4},
                            {"avx2", Isa::avx2, false, v3},
                            {"scalar", Isa::scalar, false, true}};
#elif defined(__aarch64__)
  const Choice choices[] = {{"neonbf16", Isa::neon, true, bf16Instructions()},
                            {"neon", Isa::neon, false, true},
                            {"scalar", Isa::scalar, false, true}};
#else
  const Choice choices[] = {{"scalar", Isa::scalar, false, true}};
#endif
  const char* wanted = std::getenv("ANE_ACCEL_ISA");
  std::string available;
  for (const Choice& choice : choices) {
    if (!choice.available) continue;
    if (!wanted || !*wanted || std::string(wanted) == choice.name) return choice;
    available += (available.empty() ? "" : ", ") + std::string(choice.name);
  }
  throw std::runtime_error("ANE_ACCEL_ISA: must name an instruction set of this processor (" +
                           available + "), got \"" + wanted + "\". Unset it to use the best one.");
}

const Choice& chosen() {
  static const Choice choice = choose();
  return choice;
}

#if defined(__linux__)
// CPUs granted by the cgroup (v2) quota, rounded up; 0 where there is none.
int cgroupCpus() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0, period = 0;
  if (!(file >> quota >> period) || period <= 0) return 0;
  return static_cast<int>(std::ceil(quota / period));
}
#endif

}  // namespace

const char* isaName(Isa isa) {
  switch (isa) {
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
    case Isa::neon:
      return "neon";
    default:
      return "scalar";
  }
}

Isa activeIsa() { return chosen().isa; }

bool hasBf16() { return chosen().bf16; }

std::vector<std::string> cpuFeatures() {
  std::vector<std::string> names;
#if defined(__x86_64__)
  const Features& f = features();
  if (f.avx2) names.push_back("avx2");
  if (f.fma) names.push_back("fma");
  if (f.f16c) names.push_back("f16c");
  if (f.avx512) names.push_back("avx512");
  if (f.avx512bf16) names.push_back("avx512bf16");
  if (hasBf16()) names.push_back("bf16");
#elif defined(__aarch64__)
  names.push_back("neon");
  if (bf16Instructions()) names.push_back("neonbf16");
  if (hasBf16()) names.push_back("bf16");
#endif
  return names;
}

int hardwareThreads() {
  int count = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) count = CPU_COUNT(&mask);
  if (const int quota = cgroupCpus()) count = std::min(count, quota);
#endif
  return std::max(count, 1);
}

}  // namespace ane

// What this processor can do, and which instruction set the kernels run with.
#pragma once

#include <string>
#include <vector>

namespace ane {

enum class Isa { scalar, avx2, avx512, neon };

const char* isaName(Isa isa);

// The best instruction set of this processor, or the one that the environment variable
// ANE_ACCEL_ISA names. Decided once per process; throws std::runtime_error when that one is unknown
// or not available here.
Isa activeIsa();

// Whether products of factors rounded to bf16 are in use: on AVX-512 where the processor has
// AVX512-BF16, on NEON (but not on macOS) where it has FEAT_BF16, unless ANE_ACCEL_ISA names an
// instruction set other than avx512bf16 or neonbf16.
bool hasBf16();

// Names of the processor's features that matter to the kernels, such as "avx2", "fma", "f16c".
std::vector<std::string> cpuFeatures();

// Threads the process may run at once: affinity mask and, on Linux, the cgroup's CPU quota; at
// least 1.
int hardwareThreads();

}  // namespace ane

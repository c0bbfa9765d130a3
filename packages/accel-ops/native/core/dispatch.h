// Run-time choice between the copies of a kernel table that were compiled for different
// instruction sets.
//
// In the header of an op (namespace ane):      struct FooKernels { void (*foo)(...); };
//                                              ANE_KERNEL_TABLE(FooKernels, fooKernels)
// In foo.kernel.cpp (namespace ane::ANE_ISA):  const FooKernels fooKernels = {foo};
// Anywhere else:                               ane::fooKernels().foo(...)
#pragma once

#include "core/cpu.h"

// clang-format off
#if defined(__x86_64__)
#define ANE_KERNEL_TABLE(Type, name)                                            \
  namespace scalar { extern const Type name; }                                  \
  namespace avx2 { extern const Type name; }                                    \
  namespace avx512 { extern const Type name; }                                  \
  inline const Type& name() {                                                   \
    static const Type& chosen = activeIsa() == Isa::avx512 ? avx512::name       \
                                : activeIsa() == Isa::avx2 ? avx2::name         \
                                                           : scalar::name;      \
    return chosen;                                                              \
  }
#elif defined(__aarch64__)
#define ANE_KERNEL_TABLE(Type, name)                                                          \
  namespace scalar { extern const Type name; }                                                \
  namespace neon { extern const Type name; }                                                  \
  inline const Type& name() {                                                                 \
    static const Type& chosen = activeIsa() == Isa::neon ? neon::name : scalar::name;         \
    return chosen;                                                                            \
  }
#else
#define ANE_KERNEL_TABLE(Type, name)             \
  namespace scalar { extern const Type name; }   \
  inline const Type& name() { return scalar::name; }
#endif
// clang-format on

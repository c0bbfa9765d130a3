/** What the native code runs on: instruction set, threads, matrix product. */
import { checkInteger } from "./argument-error.js";
import { nativeBinding } from "./native.js";

/** The processor, and what the native code uses of it. */
export interface CpuInfo {
  /** `process.arch`. */
  readonly arch: string;
  /** Instruction set of the kernels: the best available, or the one forced by `ANE_ACCEL_ISA`. */
  readonly isa: "scalar" | "avx2" | "avx512" | "neon";
  /**
   * Features of the processor that matter here, whether used or not; and "bf16" where `gemm` takes that precision with
   * the instruction set in use.
   */
  readonly features: readonly string[];
  /** Threads of a parallel operation, the caller included. */
  readonly threads: number;
  /** "packed": this package's own matrix product; "accelerate": Apple's. */
  readonly gemm: "packed" | "accelerate";
}

const maximumThreads = 256;

const native = nativeBinding<{
  cpuInfo(): Omit<CpuInfo, "arch">;
  setThreads(count: number): void;
}>();

/** Instruction set, features and threads in use. */
export function cpuInfo(): CpuInfo {
  return { arch: process.arch, ...native.cpuInfo() };
}

/**
 * Sets how many threads take part in an operation, the caller included; no result depends on it. At the start: the
 * environment variable `ANE_THREADS`, or as many as the hardware runs at once. Holds for the whole process.
 *
 * @param count 1 to 256
 */
export function setThreads(count: number): void {
  checkInteger(count, "setThreads.count", 1, maximumThreads);
  native.setThreads(count);
}

export { sigmoid, silu, siluBackward, swiGlu, swiGluBackward } from "./activation.js";
export { type AdamWOptions, adamW } from "./adamw.js";
export { alignedBuffer, LARGEST_BUFFER } from "./aligned-buffer.js";
export { ArgumentError } from "./argument-error.js";
export { BackgroundQueue } from "./background-queue.js";
export { toFloat, toHalf } from "./convert.js";
export { type CopyStridedOptions, copyStrided } from "./copy-strided.js";
export { type CpuInfo, cpuInfo, setThreads } from "./cpu-info.js";
export {
  type CrossEntropyLossOptions,
  type CrossEntropyOptions,
  crossEntropy,
  crossEntropyLoss,
} from "./cross-entropy.js";
export { type ElementwiseOptions, elementwise } from "./elementwise.js";
export { Opcode, UNROUNDED } from "./elementwise-code.js";
export {
  type EmbeddingGatherOptions,
  type EmbeddingScatterAddOptions,
  embeddingGather,
  embeddingScatterAdd,
} from "./embedding.js";
export { type FillNormalOptions, fillNormal } from "./fill-normal.js";
export { gemm } from "./gemm.js";
export type { GemmBatch, GemmOptions, MatrixView } from "./gemm-problem.js";
export type { Layout } from "./layout.js";
export { MapFileError, type MapFileOptions, type MappedFile, mapFile } from "./map-file.js";
export { Program } from "./program/program.js";
export type {
  CopyStep,
  ElementwiseStep,
  GemmStep,
  Guard,
  GuardedMatrix,
  GuardStep,
  LoopStep,
  MatrixPlace,
  Place,
  ProgramBuffer,
  ProgramStep,
  ReduceStep,
  SoftmaxStep,
  Stairs,
  StridedPlace,
} from "./program/program-step.js";
export type { Real } from "./real.js";
export { type ReduceOperation, type ReduceOptions, reduce } from "./reduce.js";
export {
  type RmsNormBackwardOptions,
  type RmsNormForwardOptions,
  rmsNormBackward,
  rmsNormForward,
} from "./rms-norm.js";
export { type RopeOptions, ropeBackward, ropeForward } from "./rope.js";
export { type SgemmOptions, sgemm } from "./sgemm.js";
export {
  createSharedMemory,
  type MappedMemory,
  mapSharedMemory,
  type SharedMemory,
  SharedMemoryError,
} from "./shared-memory.js";
export { type SoftmaxOptions, softmax } from "./softmax.js";
export type { Operand } from "./strided.js";
export type { TokenArray } from "./tokens.js";
export { transpose, transposeToHalf } from "./transpose.js";
export { add, allFinite, axpy, dot, scale, sub, sumOfSquares } from "./vector.js";

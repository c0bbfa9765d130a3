/**
 * The contract that every device keeps: programs in, compiled kernels out, evaluated on surfaces. There is no silent
 * fallback: the caller asks for a device by name, and `auto` says which one it opened and why.
 */
import type { Program } from "@ane/mil-builder";

/** Blob files by the path that the program uses, such as "@model_path/weights/wq.bin". */
export type WeightFiles = ReadonlyMap<string, Uint8Array>;

/** What the elements of a surface can be. */
export type SurfaceDType = "fp16" | "fp32";

/** The type of one function input or output: `[1, C, 1, W]`. */
export interface Port {
  readonly name: string;
  readonly dtype: SurfaceDType;
  readonly shape: readonly [number, number, number, number];
}

/**
 * Device memory for one port. Each row (the W axis of one channel) starts on a 64-byte boundary: element (c, w) is at
 * `c * rowStride + w` elements. Access is lock-scoped: the view given to the callback must not outlive it.
 */
export interface Surface extends Disposable {
  readonly dtype: SurfaceDType;
  readonly shape: readonly [number, number, number, number];
  /** Elements from one row to the next: W rounded up to 64 bytes. */
  readonly rowStride: number;
  readonly byteLength: number;
  /** @throws DisposedError after dispose. */
  read<T>(access: (elements: Uint16Array | Float32Array) => T): T;
  /** @throws DisposedError after dispose. */
  write<T>(access: (elements: Uint16Array | Float32Array) => T): T;
  dispose(): void;
}

/** Surfaces by port name, all inputs and outputs of the kernel. One surface may serve several kernels. */
export type Bindings = Readonly<Record<string, Surface>>;

/** A program with its weights, ready to run on the device that compiled it. */
export interface CompiledKernel extends Disposable {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Runs the kernel to completion. @throws EvaluationError, ShapeError, DisposedError */
  evaluate(bindings: Bindings): void;
  /** The same in its turn after earlier calls; rejects with what `evaluate` throws. */
  evaluateAsync(bindings: Bindings): Promise<void>;
  dispose(): void;
}

/** Compilations leak inside the engine's compiler, so a process has only so many (about 119). */
export interface CompileBudget {
  /** 0 means no limit. */
  readonly limit: number;
  readonly used: number;
  /** Infinity where there is no limit. */
  readonly remaining: number;
}

/** Options of one compilation. */
export interface CompileOptions {
  /** Name for messages and events. */
  readonly name?: string;
}

/** Compiles programs and makes the surfaces that they run on. */
export interface Device extends Disposable {
  readonly kind: "cpu" | "ane";
  /** One line: what this device is, and for `auto` why it was chosen. */
  readonly description: string;
  readonly budget: CompileBudget;
  /**
   * Compiles a program (or its text) with its weights as constants. Every call counts against the budget.
   * @throws CompileError, BudgetError
   */
  compile(
    program: Program | string,
    weights?: WeightFiles,
    options?: CompileOptions,
  ): CompiledKernel;
  compileAsync(
    program: Program | string,
    weights?: WeightFiles,
    options?: CompileOptions,
  ): Promise<CompiledKernel>;
  createSurface(port: Pick<Port, "dtype" | "shape">): Surface;
  dispose(): void;
}

/** Options of `openDevice`. */
export interface DeviceOptions {
  /** Rounding of the cpu device. Default "fp16". */
  readonly numerics?: "fp16" | "fp32";
  /** Compilations allowed in this process; 0 = no limit. Default 119. */
  readonly compileBudget?: number;
}

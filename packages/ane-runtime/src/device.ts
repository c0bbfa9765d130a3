/**
 * The contract that every device keeps: programs in, compiled kernels out, evaluated on surfaces. There is no silent
 * fallback: the caller asks for a device by name, and `auto` says which one it opened and why.
 */
import type { Chip, Program } from "@ane/mil-builder";

/** Blob files by the path that the program uses, such as "@model_path/weights/wq.bin". */
export type WeightFiles = ReadonlyMap<string, Uint8Array>;

/** What the elements of a surface can be. */
export type SurfaceDType = "fp16" | "fp32";

/** The type of one function input or output: `[1, C, 1, W]`. */
export interface Port {
  readonly name: string;
  readonly dtype: SurfaceDType;
  readonly shape: readonly [number, number, number, number];
  /** Elements from one row to the next, where a compiled kernel wants others than the 64-byte rule gives. */
  readonly rowStride?: number;
  /** Bytes of the surface, where a compiled kernel wants more than its rows need. */
  readonly byteLength?: number;
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
  /**
   * Where the device converts on its side of the lock: stores packed [rows, columns], rounded to the surface's dtype, into rows from
   * element `first` on. The range has been checked. @throws DisposedError
   */
  storeRows?(source: Float32Array, first: number, rows: number, columns: number): void;
  /** The reverse of `storeRows`. */
  loadRows?(target: Float32Array, first: number, rows: number, columns: number): void;
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
  /** Nanoseconds that the hardware took for the last evaluation; absent or null where they are not measured. */
  readonly lastHardwareTimeNs?: number | null;
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
  /** What is known of the engine; absent on other devices. */
  readonly info?: EngineInfo;
  /** Kernels of this process that occupy the engine: a limit apart from the budget, and given back by `dispose`. */
  readonly loadedKernels?: number;
  /**
   * Compiles a program (or its text) with its weights as constants. Every call counts against the budget, but for those that
   * the system's cache answers.
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
  /** Zeroed memory; for a port of a compiled kernel, with the strides that the kernel wants. @throws ShapeError, DisposedError */
  createSurface(port: Omit<Port, "name">): Surface;
  dispose(): void;
}

/** How urgent the engine's work is, by Darwin's names. */
export type QualityOfService =
  | "background"
  | "utility"
  | "default"
  | "userInitiated"
  | "userInteractive";

/** The engine and the machine around it; null where the system does not say. */
export interface EngineInfo {
  /** Such as "Apple M4 Pro" */
  readonly chip: string | null;
  /** The verifier's name of the chip's generation. */
  readonly generation: Chip | null;
  /** Such as "h16g" */
  readonly architecture: string | null;
  readonly engines: number | null;
  readonly cores: number | null;
  readonly virtualMachine: boolean | null;
  /** Such as "15.4.1" and "24E263" */
  readonly osVersion: string | null;
  readonly osBuild: string | null;
  /** Optional parts of the private framework that this system lacks; what needs them is switched off. */
  readonly missing: readonly string[];
}

/** Options of `openDevice`. */
export interface DeviceOptions {
  /** Rounding of the cpu device. Default "fp16". */
  readonly numerics?: "fp16" | "fp32";
  /** Compilations allowed in this process; 0 = no limit. Default 119. */
  readonly compileBudget?: number;
  /** Of the engine's work. Default "default". */
  readonly qos?: QualityOfService;
  /** Ask the engine how long each evaluation took (`lastHardwareTimeNs`). Default false. */
  readonly performanceStats?: boolean;
}

/** The addon over the private framework, typed: the only file that says what it looks like. See native/binding. */

/** What the addon throws when a call of the framework fails. */
export interface NativeFailure extends Error {
  readonly step:
    | "open"
    | "descriptor"
    | "folder"
    | "compile"
    | "load"
    | "surface"
    | "request"
    | "evaluate"
    | "unload";
  /** Domain, code and userInfo (a line per entry) of the NSError; "" and 0 where there was none. */
  readonly domain: string;
  readonly errorCode: number;
  readonly details: string;
  /** Name of the NSException that was caught; "" where there was none. */
  readonly exception: string;
  /** Of a failed load: whether the compiler had succeeded before. */
  readonly compiled?: boolean;
}

/** Memory that processor and engine share. */
export interface NativeSurface {
  /** The memory itself; detached by `dispose`. */
  readonly buffer: ArrayBuffer;
  lock(writable: boolean): void;
  unlock(writable: boolean): void;
  /** Converts packed rows into rows that are `rowStride` elements apart, from element `first` on, under one lock. */
  store(
    source: Float32Array,
    first: number,
    rows: number,
    columns: number,
    rowStride: number,
    half: boolean,
  ): void;
  /** The reverse of `store`. */
  load(
    target: Float32Array,
    first: number,
    rows: number,
    columns: number,
    rowStride: number,
    half: boolean,
  ): void;
  dispose(): void;
}

/** One port as the loaded model describes it. Strides in bytes; 0 and "" where it does not say. */
export interface LivePort {
  readonly name: string;
  readonly symbol: string;
  /** Such as "Float16" */
  readonly type: string;
  readonly batches: number;
  readonly channels: number;
  readonly depth: number;
  readonly height: number;
  readonly width: number;
  readonly interleave: number;
  readonly rowStride: number;
  readonly planeStride: number;
  readonly batchStride: number;
}

export interface PortTable {
  /** Names such as "x" and "out@output", by symbol index. */
  readonly symbols: readonly string[];
  /** Symbol indices that the procedure has. */
  readonly indices: readonly number[];
  readonly live: readonly LivePort[];
}

export interface ModelAttributes {
  readonly inputs: PortTable;
  readonly outputs: PortTable;
}

export interface NativeModelOptions {
  readonly text: string;
  readonly weights: readonly (readonly [path: string, bytes: Uint8Array])[];
  readonly qos: number;
  readonly performanceStats: boolean;
}

/** A program with its weights. */
export interface NativeModel {
  /** Hash of the content; the name of its folder. */
  readonly identifier: string;
  /** Whether loading needs no compiler. */
  readonly cached: boolean;
  /** @returns whether the compiler ran */
  load(mayCompile: boolean): boolean;
  loadAsync(mayCompile: boolean): Promise<boolean>;
  attributes(): ModelAttributes | null;
  /** Symbol indices in the order in which the surfaces will be given. */
  setPorts(inputs: readonly number[], outputs: readonly number[]): void;
  /** @returns nanoseconds of the hardware, where known */
  evaluate(surfaces: readonly NativeSurface[]): number | null;
  evaluateAsync(surfaces: readonly NativeSurface[]): Promise<number | null>;
  dispose(): void;
}

/** What the framework says of the machine; "" and null where it says nothing. */
export interface NativeDeviceInfo {
  readonly architecture: string;
  readonly buildVersion: string;
  readonly hasEngine: boolean | null;
  readonly virtualMachine: boolean | null;
  readonly engines: number | null;
  readonly cores: number | null;
  /** Optional parts of the framework that are not there. */
  readonly missing: readonly string[];
}

/** One method that is used of the framework. */
export interface NativeMethod {
  /** Such as "_ANERequest" and "-perfStats" */
  readonly className: string;
  readonly method: string;
  /** Without it the framework is of no use; without others something is switched off. */
  readonly needed: boolean;
  /** "" if it is there and takes the expected types. */
  readonly defect: string;
}

/** What the kernel says of the machine; "" where it says nothing. */
export interface NativeSystemInfo {
  readonly chip: string;
  readonly version: string;
  readonly build: string;
}

export interface NativeAddon {
  readonly Surface: new (byteLength: number) => NativeSurface;
  readonly Model: new (options: NativeModelOptions) => NativeModel;
  /** Opens and checks the framework, once per process. */
  open(): void;
  systemInfo(): NativeSystemInfo;
  deviceInfo(): NativeDeviceInfo;
  /** Empty where there is no framework. */
  frameworkMethods(): readonly NativeMethod[];
  /** Models of this process that occupy the engine. */
  loadedModels(): number;
  /** Joules by counter since it was opened; null where there are none. */
  openEnergyMeter(): (() => readonly (readonly [name: string, joules: number])[] | null) | null;
}

/** A program's outputs, from a device or from the reference interpreter, with the time that took. */
import { openDevice, type Port, readSlot, type Surface, writeSlot } from "@ane/ane-runtime";
import { spreadOf } from "@ane/ane-runtime/selftest";
import {
  fromHalfArray,
  interpret,
  type Program,
  type Slot,
  type TensorSource,
} from "@ane/mil-builder";

export interface Evaluation {
  /** What computed it, in one line. */
  readonly device: string;
  readonly compileMs: number;
  /** Median of the runs. */
  readonly evaluateMs: number;
  readonly outputs: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly elements: ArrayLike<number>;
  }[];
}

type Inputs = Readonly<Record<string, TensorSource>>;
type Weights = ReadonlyMap<string, Uint8Array>;

interface How {
  readonly numerics: "fp16" | "fp32";
  readonly runs: number;
}

export function interpretProgram(
  program: Program,
  inputs: Inputs,
  weights: Weights,
  { numerics, runs }: How,
): Evaluation {
  let results: ReturnType<typeof interpret> = {};
  const evaluateMs = median(runs, () => {
    results = interpret(program, inputs, { numerics, weights });
  });
  const outputs = Object.entries(results).map(([name, { type, data }]) => ({
    name,
    dtype: type.dtype,
    shape: type.shape,
    elements: data,
  }));
  return { device: `interpreter, ${numerics}`, compileMs: 0, evaluateMs, outputs };
}

/** @throws AneError where the device cannot run the program, or is not there */
export function evaluateOnDevice(
  kind: "cpu" | "ane",
  program: Program,
  inputs: Inputs,
  weights: Weights,
  { numerics, runs }: How,
): Evaluation {
  using device = openDevice(kind, { numerics });
  const started = performance.now();
  using kernel = device.compile(program, weights, { name: "main" });
  const compileMs = performance.now() - started;
  const ports = [...kernel.inputs, ...kernel.outputs];
  const surfaces: Record<string, Surface> = Object.fromEntries(
    ports.map((port) => [port.name, device.createSurface(port)]),
  );
  try {
    for (const port of kernel.inputs) {
      writeSlot(surfaces[port.name]!, wholeOf(port), floatsOf(inputs[port.name]!.data));
    }
    const evaluateMs = median(runs, () => kernel.evaluate(surfaces));
    const outputs = kernel.outputs.map((port) => {
      const elements = new Float32Array(port.shape[1] * port.shape[3]);
      readSlot(surfaces[port.name]!, wholeOf(port), elements);
      return { name: port.name, dtype: port.dtype, shape: port.shape, elements };
    });
    return { device: device.description, compileMs, evaluateMs, outputs };
  } finally {
    for (const surface of Object.values(surfaces)) surface.dispose();
  }
}

function wholeOf({ name, shape }: Port): Slot {
  return { port: name, axis: "channel", start: 0, size: shape[1], shape };
}

function floatsOf(data: ArrayLike<number>): Float32Array {
  if (data instanceof Float32Array) return data;
  return data instanceof Uint16Array ? fromHalfArray(data) : Float32Array.from(data);
}

function median(runs: number, run: () => void): number {
  const times = Array.from({ length: runs }, () => {
    const started = performance.now();
    run();
    return performance.now() - started;
  });
  return spreadOf(times).median;
}

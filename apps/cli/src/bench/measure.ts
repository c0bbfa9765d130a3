/** The measurements of `ane bench`, one after the other. */
import {
  AneError,
  type CompiledKernel,
  type Device,
  readSlot,
  type Surface,
  writeSlot,
} from "@ane/ane-runtime";
import { freshProgram, spreadOf, timeRuns, type Workbench } from "@ane/ane-runtime/selftest";
import { buildProgram, type Program, type Slot, tensor } from "@ane/mil-builder";
import { byteChain, type ChainShape, chainOperations, halfChain } from "./conv-chain.js";
import { type Measurement, milliseconds, rate, type Unmeasured } from "./measurement.js";

/** Sizes for a device; on the processor the large ones would take minutes. */
export interface BenchSizes {
  readonly chains: readonly ChainShape[];
  /** Side of the surface that is read and written. */
  readonly surface: number;
  readonly runs: number;
}

const chains = (channels: number, depth: number, widths: readonly number[]): ChainShape[] =>
  widths.map((width) => ({ channels, depth, width }));

export const SIZES = {
  ane: { chains: chains(512, 32, [64, 512, 2048]), surface: 2048, runs: 30 },
  cpu: { chains: chains(512, 8, [64, 256]), surface: 2048, runs: 10 },
  quick: { chains: chains(64, 2, [64]), surface: 64, runs: 3 },
} as const satisfies Record<string, BenchSizes>;

/** Yields each measurement when it is made. @throws CompileError, EvaluationError if not even the smallest program runs */
export function* measure(
  bench: Workbench,
  { chains, surface, runs }: BenchSizes,
): Generator<Measurement | Unmeasured> {
  yield* dispatch(bench, runs * 10);
  yield* compilation(bench, runs);
  yield* surfaceTransfer(bench.device, surface, runs);
  for (const shape of chains)
    yield chainRate(bench, "TFLOPS", shape, halfChain(bench, shape), runs);
  // The cpu device computes such programs in fp16: their time would say nothing.
  if (bench.device.kind === "cpu") return;
  for (const shape of chains) yield chainRate(bench, "TOPS", shape, byteChain(shape), runs);
}

/** A chip may refuse one chain and run the others. */
function chainRate(
  { device }: Workbench,
  unit: "TFLOPS" | "TOPS",
  shape: ChainShape,
  [program, weights]: ReturnType<typeof halfChain>,
  runs: number,
): Measurement | Unmeasured {
  const name = `${unit === "TFLOPS" ? "fp16" : "int8"} ${nameOf(shape)}`;
  try {
    using kernel = device.compile(freshProgram(program), weights, { name: "chain" });
    return rate(name, unit, chainOperations(shape) / 1e12, evaluations(device, kernel, runs));
  } catch (error) {
    if (!(error instanceof AneError)) throw error;
    return { name, unit, reason: error.message };
  }
}

function nameOf({ channels, depth, width }: ChainShape): string {
  return `chain of ${depth} convolutions [${channels}, ${channels}] on ${width} columns`;
}

function evaluations(device: Device, kernel: CompiledKernel, runs: number) {
  const ports = [...kernel.inputs, ...kernel.outputs];
  const surfaces: Record<string, Surface> = Object.fromEntries(
    ports.map((port) => [port.name, device.createSurface(port)]),
  );
  const spread = timeRuns(() => kernel.evaluate(surfaces), { runs });
  for (const surface of Object.values(surfaces)) surface.dispose();
  return spread;
}

function smallProgram({ opset }: Workbench): Program {
  const program = buildProgram({ opset, version: opset === "ios18" ? "1.3" : "1.0" }, (f) => {
    const x = f.input("x", tensor("fp16", [1, 32, 1, 32]));
    return { y: f.mul({ x, y: 2 }) };
  });
  return freshProgram(program);
}

function* dispatch(bench: Workbench, runs: number): Generator<Measurement> {
  using kernel = bench.device.compile(smallProgram(bench));
  yield milliseconds("dispatch of the smallest program", evaluations(bench.device, kernel, runs));
}

function* compilation(bench: Workbench, runs: number): Generator<Measurement> {
  const compile = (program: Program) => {
    const start = performance.now();
    bench.device.compile(program).dispose();
    return performance.now() - start;
  };
  const programs = Array.from({ length: Math.min(runs, 10) }, () => smallProgram(bench));
  yield milliseconds("compilation of the smallest program", spreadOf(programs.map(compile)));
  yield milliseconds("the same again", spreadOf(programs.map(compile)));
}

/** fp32 arrays into an fp16 surface and back, conversion included; bytes are those of the surface. */
function* surfaceTransfer(device: Device, side: number, runs: number): Generator<Measurement> {
  const shape = [1, side, 1, side] as const;
  const slot: Slot = { port: "x", axis: "channel", start: 0, size: side, shape };
  const surface = device.createSurface({ dtype: "fp16", shape });
  const values = new Float32Array(side * side).fill(1);
  const gigabytes = (side * side * 2) / 1e9;
  yield rate(
    "writing a surface",
    "GB/s",
    gigabytes,
    timeRuns(() => writeSlot(surface, slot, values), { runs }),
  );
  yield rate(
    "reading a surface",
    "GB/s",
    gigabytes,
    timeRuns(() => readSlot(surface, slot, values), { runs }),
  );
  surface.dispose();
}

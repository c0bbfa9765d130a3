/** A device under test, what it is compared with, and how programs for it are to be written. */
import {
  interpret,
  type Opset,
  type Program,
  staticTypeOf,
  type VerifyOptions,
} from "@ane/mil-builder";
import type { Device, DeviceOptions, EngineInfo, WeightFiles } from "../device.js";
import { openDevice } from "../open-device.js";
import { evaluateOnce, type PortValues } from "./evaluate-once.js";

export interface Workbench extends Disposable {
  readonly device: Device;
  /** For the verifier. */
  readonly target: VerifyOptions;
  /** The newest that this machine's compiler reads. */
  readonly opset: Opset;
  /** The ane device is compared with the cpu device, the cpu device with the interpreter. */
  reference(program: Program, weights: WeightFiles, inputs: PortValues): PortValues;
}

/** @throws UnavailableError */
export function openWorkbench(kind: "ane" | "cpu", options: DeviceOptions = {}): Workbench {
  const device = openDevice(kind, { compileBudget: 0, ...options });
  return {
    device,
    target: targetOf(device.info),
    opset: opsetOf(device.info),
    reference: kind === "ane" ? onProcessor : onInterpreter,
    [Symbol.dispose]: () => device.dispose(),
  };
}

function onProcessor(program: Program, weights: WeightFiles, inputs: PortValues): PortValues {
  using device = openDevice("cpu", { compileBudget: 0 });
  using kernel = device.compile(program, weights, { name: "reference" });
  return evaluateOnce(device, kernel, inputs);
}

function onInterpreter(program: Program, weights: WeightFiles, inputs: PortValues): PortValues {
  const sources = program.functions[0]!.inputs.map(
    (input) => [input.name, { type: staticTypeOf(input), data: inputs[input.name]! }] as const,
  );
  const results = interpret(program, Object.fromEntries(sources), { weights, numerics: "fp16" });
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Float32Array.from(data, Number)]),
  );
}

function majorVersion(info: EngineInfo | undefined): number {
  return Number.parseInt(info?.osVersion ?? "", 10);
}

function targetOf(info: EngineInfo | undefined): VerifyOptions {
  const systems = {
    12: "macos12",
    13: "macos13",
    14: "macos14",
    15: "macos15",
    26: "macos26",
  } as const;
  const os = systems[majorVersion(info) as keyof typeof systems];
  return { ...(info?.generation ? { chip: info.generation } : {}), ...(os ? { os } : {}) };
}

/** The first chips read nothing newer than ios16 (maderix/ANE pull request 6); else each macOS has its own opset. */
function opsetOf(info: EngineInfo | undefined): Opset {
  if (info?.generation === "m1" || info?.generation === "m2") return "ios16";
  const major = majorVersion(info);
  if (major <= 12) return "ios15";
  if (major === 13) return "ios16";
  return major === 14 ? "ios17" : "ios18";
}

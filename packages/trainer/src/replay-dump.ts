/** Repeats the evaluation that a dump (see non-finite-dump.ts) is of. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DeviceKind, openDevice } from "@ane/ane-runtime";
import { TrainerError } from "./errors.js";
import { messageOf } from "./input-files.js";
import type { DumpRecord, StoredImage } from "./non-finite-dump.js";
import { fillSurface, imageOf, isNonFinite } from "./surface-image.js";

/** What a repeated evaluation gave. */
export interface Replay extends Pick<DumpRecord, "kernel" | "layer" | "step"> {
  readonly device: string;
  /** Values that are not finite, in what the kernel was given and in what it made of it. */
  readonly nonFiniteInput: number;
  readonly nonFiniteOutput: number;
  /** Whether the output has the bits of the dumped one. */
  readonly same: boolean;
}

/**
 * Evaluates a dumped kernel on what it was given.
 * @throws TrainerError (ERR_DUMP) if the folder holds no dump; UnavailableError, CompileError, EvaluationError
 */
export function replayDump(folder: string, kind: DeviceKind = "cpu"): Replay {
  const { kernel, layer, step, weights, ...record } = readRecord(folder);
  using device = openDevice(kind, { numerics: record.input.dtype });
  const files = new Map(
    Object.entries(weights).map(([path, name]) => [
      path,
      readFileSync(join(folder, "weights", name)),
    ]),
  );
  const program = readFileSync(join(folder, "kernel.mil"), "utf8");
  using compiled = device.compile(program, files, { name: kernel });
  const [inputPort, outputPort] = [compiled.inputs[0]!, compiled.outputs[0]!];
  using input = device.createSurface(inputPort);
  using output = device.createSurface(outputPort);
  const given = readElements(join(folder, "input.bin"), record.input);
  const dumped = readElements(join(folder, "output.bin"), record.output);
  fillSurface(input, given);
  compiled.evaluate({ [inputPort.name]: input, [outputPort.name]: output });
  const { elements } = imageOf(output);
  return {
    kernel,
    layer,
    step,
    device: device.description,
    nonFiniteInput: given.filter(isNonFinite(record.input.dtype)).length,
    nonFiniteOutput: elements.filter(isNonFinite(record.output.dtype)).length,
    same: Buffer.from(elements.buffer).equals(Buffer.from(dumped.buffer)),
  };
}

function readRecord(folder: string): DumpRecord {
  try {
    return JSON.parse(readFileSync(join(folder, "dump.json"), "utf8")) as DumpRecord;
  } catch (cause) {
    throw new TrainerError(
      "ERR_DUMP",
      `dump: the folder must hold a dump.json, got ${messageOf(cause)}. Give the folder that the run named when it stopped.`,
      { cause },
    );
  }
}

function readElements(path: string, { dtype }: StoredImage): Uint16Array | Float32Array {
  const { buffer } = Uint8Array.from(readFileSync(path));
  return dtype === "fp16" ? new Uint16Array(buffer) : new Float32Array(buffer);
}

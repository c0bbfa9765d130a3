/**
 * A folder from which the evaluation that first gave a value that is not finite can be repeated: `dump.json` (what and where), the
 * kernel's `kernel.mil` with its blob files in `weights`, what its surfaces held (`input.bin`, `output.bin`: packed rows in the
 * surface's dtype) and the sequence, `tokens.bin` (uint32). All little-endian.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { NonFiniteFinding } from "./numeric-watch.js";
import type { SurfaceImage } from "./surface-image.js";

/** Where in a run it happened. */
export interface DumpContext {
  /** Micro-step, from 1. */
  readonly step: number;
  /** Index of the sequence's first token in the training data. */
  readonly start: number;
  /** [S + 1]: the sequence and the token after it; of images, their labels. */
  readonly tokens: Uint32Array;
  readonly lossScale: number;
}

export type StoredImage = Pick<SurfaceImage, "dtype" | "shape">;

export interface DumpRecord
  extends Pick<NonFiniteFinding, "kernel" | "layer" | "side" | "slot" | "channel" | "column">,
    Pick<DumpContext, "step" | "start" | "lossScale"> {
  readonly version: 1;
  readonly input: StoredImage;
  readonly output: StoredImage;
  /** File in `weights` by the path that the program uses. */
  readonly weights: Readonly<Record<string, string>>;
}

/** @param folder Made anew. */
export function writeDump(folder: string, finding: NonFiniteFinding, context: DumpContext): void {
  const { kernel, layer, side, slot, channel, column, mil, files, input, output } = finding;
  const { tokens, ...place } = context;
  mkdirSync(join(folder, "weights"), { recursive: true });
  const weights: Record<string, string> = {};
  for (const [path, bytes] of files) {
    const name = `${Object.keys(weights).length}-${basename(path)}`;
    weights[path] = name;
    writeFileSync(join(folder, "weights", name), bytes);
  }
  const stored = ({ dtype, shape }: SurfaceImage): StoredImage => ({ dtype, shape });
  const record: DumpRecord = {
    version: 1,
    ...place,
    ...{ kernel, layer, side, slot, channel, column },
    input: stored(input),
    output: stored(output),
    weights,
  };
  writeFileSync(join(folder, "kernel.mil"), mil);
  writeFileSync(join(folder, "tokens.bin"), tokens);
  writeFileSync(join(folder, "input.bin"), input.elements);
  writeFileSync(join(folder, "output.bin"), output.elements);
  writeFileSync(join(folder, "dump.json"), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * Finds where values stop being finite. A run that has found its loss or gradient infinite does the micro-step again under watch:
 * each kernel's surfaces are looked at as soon as it has run, and the first bad value is kept with all that the kernel worked on.
 */
import type { Surface } from "@ane/ane-runtime";
import {
  type DynamicKernel,
  type Kernel,
  print,
  type Slot,
  type StagedWeight,
} from "@ane/mil-builder";
import { imageOf, isNonFinite, type SurfaceImage } from "./surface-image.js";

/** A kernel at its place in the step, right after its evaluation. */
export interface WatchedStage {
  readonly kernel: Kernel;
  readonly layer: number;
  /** Blob files that it was compiled with. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly input: Surface;
  readonly output: Surface;
}

export interface NonFiniteFinding {
  readonly kernel: string;
  readonly layer: number;
  /** Where the first one is: in what the kernel was given, or in what it made of finite input. */
  readonly side: "input" | "output";
  /** Name of the tensor. */
  readonly slot: string;
  readonly channel: number;
  readonly column: number;
  readonly mil: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly input: SurfaceImage;
  readonly output: SurfaceImage;
}

export class NumericWatch {
  #active = false;
  #finding: NonFiniteFinding | undefined;

  /** Does the work under watch. @returns The first finding, if there was one. */
  during(work: () => void): NonFiniteFinding | undefined {
    this.#active = true;
    this.#finding = undefined;
    try {
      work();
    } finally {
      this.#active = false;
    }
    return this.#finding;
  }

  /** Costs nothing unless something is done under watch. @param describe Called only then. */
  evaluated(describe: () => WatchedStage): void {
    if (this.#active && !this.#finding) this.#finding = findNonFinite(describe());
  }
}

function findNonFinite(stage: WatchedStage): NonFiniteFinding | undefined {
  const { kernel, layer, files } = stage;
  const images = { input: imageOf(stage.input), output: imageOf(stage.output) };
  for (const side of ["input", "output"] as const) {
    for (const [slot, region] of regionsOf(kernel, side)) {
      const place = firstNonFinite(images[side], region);
      if (!place) continue;
      const found = { kernel: kernel.name, layer, side, slot, ...place };
      return { ...found, mil: print(kernel.program), files, ...images };
    }
  }
  return undefined;
}

/** What a kernel reads or writes: other parts of a surface may hold what other kernels left there. */
function regionsOf(kernel: Kernel | DynamicKernel, side: "input" | "output"): [string, Slot][] {
  if (side === "output") return Object.entries<Slot>(kernel.outputs);
  const weights = "staged" in kernel ? Object.entries<StagedWeight>(kernel.staged) : [];
  return [
    ...Object.entries<Slot>(kernel.inputs),
    ...weights.map(([name, { slot }]): [string, Slot] => [name, slot]),
  ];
}

function firstNonFinite(
  { dtype, shape, elements }: SurfaceImage,
  { axis, start, size, column = 0, shape: own }: Slot,
) {
  const width = shape[3];
  const [rows, columns] = axis === "channel" ? [size, own[3]] : [shape[1], size];
  const [firstRow, firstColumn] = axis === "channel" ? [start, column] : [0, start];
  for (let channel = firstRow; channel < firstRow + rows; channel++) {
    const begin = channel * width + firstColumn;
    const index = elements.subarray(begin, begin + columns).findIndex(isNonFinite(dtype));
    if (index >= 0) return { channel, column: firstColumn + index };
  }
  return undefined;
}

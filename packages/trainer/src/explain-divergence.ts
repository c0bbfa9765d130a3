/**
 * Where a loss or gradient that is not finite came from: the micro-steps in question are done again under watch, and the first bad
 * value is dumped. The gradients are overwritten: for a run that ends here.
 */
import { join } from "node:path";
import { allFinite } from "@ane/accel-ops";
import { arenaLayout } from "./model-record.js";
import { writeDump } from "./non-finite-dump.js";
import type { NonFiniteFinding } from "./numeric-watch.js";
import type { Pipeline } from "./pipeline.js";
import type { Recipe } from "./run-config.js";
import type { RunState } from "./run-state.js";
import { StepClock } from "./step-clock.js";
import type { TrainingData } from "./training-data.js";

export interface SuspectSteps {
  readonly pipeline: Pipeline;
  readonly data: TrainingData;
  readonly recipe: Recipe;
  readonly state: RunState;
  readonly lossScale: number;
  /** Micro-steps in question, from 0, in order. */
  readonly indices: readonly number[];
  /** Folder in which the dump gets a folder of its own. */
  readonly dumps: string;
}

/** @returns A sentence that names the place, and the dump if it is a kernel's. */
export function explainDivergence(suspect: SuspectSteps): string {
  const { pipeline, data, lossScale, indices, dumps } = suspect;
  for (const index of indices) {
    const { inputs, targets, start } = data.example(index);
    const step = index + 1;
    const finding = pipeline.watch.during(() => {
      pipeline.microStep(inputs, targets, new StepClock(), false);
    });
    if (finding) {
      const folder = join(dumps, `step-${String(step).padStart(8, "0")}`);
      const tokens = inputs instanceof Float32Array ? targets : [...inputs, targets.at(-1)!];
      writeDump(folder, finding, { step, start, tokens: Uint32Array.from(tokens), lossScale });
      return `${describe(finding)}, in micro-step ${step}, whose sequence begins at token ${start}. Repeat it with \`ane mil replay ${folder}\`.`;
    }
    const tensor = nonFiniteGradient(suspect);
    if (tensor) {
      return `The kernels' values are finite, the gradient of ${tensor} is not, in micro-step ${step}, whose sequence begins at token ${start}.`;
    }
  }
  return "Done again one by one, its micro-steps have finite gradients: only their sum has not.";
}

function describe({ kernel, layer, side, slot, channel, column }: NonFiniteFinding): string {
  const made = side === "output" ? ", made of finite input" : ", as it was given";
  return `The first value that is not finite is in ${slot}, ${side} of ${kernel} in layer ${layer} (channel ${channel}, column ${column})${made}`;
}

function nonFiniteGradient({ recipe, state }: SuspectSteps): string | undefined {
  const { entries } = arenaLayout(recipe.model);
  return entries.find(
    ({ offset, length }) => !allFinite(state.gradients.subarray(offset, offset + length)),
  )?.name;
}

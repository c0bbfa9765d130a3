/** Times of a plan's steps, each run as a program of its own. Steps inside a loop: what each adds to those before it. */
import type { ProgramStep } from "@ane/accel-ops";
import { type Buffer, isNative, type Stage, type Step, type Workspace } from "./plan.js";
import { makeStages } from "./stages.js";

export interface StepTime {
  readonly ms: number;
  /** Of the steps in a loop. */
  readonly body?: readonly number[];
}

/** The shortest time of each step, in order, milliseconds. */
export function profileSteps(
  steps: readonly Step[],
  buffers: readonly Buffer[],
  workspace: Workspace,
  rounds: number,
): StepTime[] {
  const timed = steps.map((step) => ({
    whole: new Timed(makeStages(buffers, [step])),
    parts: beginnings(step).map((begun) => new Timed(makeStages(buffers, [begun]))),
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { whole, parts } of timed) {
      for (const part of parts) part.run(workspace);
      whole.run(workspace);
    }
  }
  return timed.map(({ whole: { ms }, parts }) =>
    parts.length === 0
      ? { ms }
      : { ms, body: parts.map((part, index) => part.ms - (parts[index - 1]?.ms ?? 0)) },
  );
}

class Timed {
  ms = Number.POSITIVE_INFINITY;
  readonly #stages: readonly Stage[];

  constructor(stages: readonly Stage[]) {
    this.#stages = stages;
  }

  run(workspace: Workspace): void {
    const start = performance.now();
    for (const stage of this.#stages) stage.run(workspace);
    this.ms = Math.min(this.ms, performance.now() - start);
  }
}

/** A loop cut off after each of its steps; a guard belongs to the step behind it. */
function beginnings(step: Step): Step[] {
  if (!isNative(step) || !step.body) return [];
  const [loop] = step.native as [Extract<ProgramStep, { kind: "loop" }>];
  return loop.steps.flatMap(({ kind }, index) =>
    kind === "guard"
      ? []
      : [{ ...step, native: [{ ...loop, steps: loop.steps.slice(0, index + 1) }] }],
  );
}

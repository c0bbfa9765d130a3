/** From steps to what runs: neighbouring native steps become one program, which is one call. */
import { Program, type ProgramBuffer, type ProgramStep } from "@ane/accel-ops";
import { type Buffer, isNative, type Stage, type Step } from "./plan.js";

/** @param buffers as they will be when the steps run: the memory of a stage must have their lengths */
export function makeStages(buffers: readonly Buffer[], steps: readonly Step[]): Stage[] {
  const stages: Stage[] = [];
  let pending: ProgramStep[] = [];
  const flush = () => {
    if (pending.length > 0) stages.push(nativeStage(buffers, pending));
    pending = [];
  };
  for (const step of steps) {
    if (isNative(step)) pending.push(...step.native);
    else {
      flush();
      stages.push(step);
    }
  }
  flush();
  return stages;
}

function nativeStage(buffers: readonly Buffer[], steps: readonly ProgramStep[]): Stage {
  const program = new Program(buffers.map(programBuffer), steps);
  return {
    run: ({ memory }) => {
      program.run(memory);
    },
  };
}

function programBuffer({ dtype, length }: Buffer): ProgramBuffer | undefined {
  return dtype === "fp64" ? undefined : { dtype, length };
}

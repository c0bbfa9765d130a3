/** Runs `ane mil plan` and `ane mil replay`. */
import { join } from "node:path";
import { CompileError, describePlan } from "@ane/ane-runtime";
import type { Program } from "@ane/mil-builder";
import { type Context, userPath } from "../context.js";
import { CommandError, UsageError } from "../errors.js";
import { openProgram } from "../mil/open-program.js";
import { kindOf } from "../places.js";
import { describeGraph, formatGraph } from "../view/graph.js";
import type { MilPlanFlags, MilReplayFlags } from "./mil.js";

export async function runMilPlan(
  this: Context,
  { numerics, json }: MilPlanFlags,
  file: string,
): Promise<void> {
  const { path, program } = await openProgram(userPath(this, file));
  const graph = program.functions.map(describeGraph);
  const plan = planOf(path, program, numerics);
  this.process.stdout.write(
    json
      ? `${JSON.stringify({ path, numerics, graph, plan: plan.split("\n") })}\n`
      : `${graph.map(formatGraph).join("\n")}\n\nplan of ${plan}\n`,
  );
}

export async function runMilReplay(
  this: Context,
  { device, json }: MilReplayFlags,
  folder: string,
): Promise<void> {
  const { replayDump } = await import("@ane/trainer");
  const path = userPath(this, folder);
  if (kindOf(join(path, "dump.json")) !== "file") {
    throw new UsageError(
      `DIR: expected the folder of a dump, got none at ${path}. Give the folder that the run named when it stopped.`,
    );
  }
  const replay = replayDump(path, device);
  const { kernel, layer, step, nonFiniteInput, nonFiniteOutput, same } = replay;
  this.process.stdout.write(
    json
      ? `${JSON.stringify(replay)}\n`
      : `${kernel} of layer ${layer}, micro-step ${step}, on ${replay.device}\n` +
          `not finite: ${nonFiniteInput} values given, ${nonFiniteOutput} made; ${same ? "the same bits as in the dump" : "other bits than in the dump"}\n`,
  );
}

function planOf(path: string, program: Program, numerics: MilPlanFlags["numerics"]): string {
  try {
    return describePlan(program, { numerics });
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    // The file's name says more than the function's that was called.
    throw new CommandError(`${path}: ${error.message.slice(`${error.kernel}: `.length)}`);
  }
}

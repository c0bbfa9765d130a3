/** Runs `ane mil plan` and `ane mil replay`. */
import { readFileSync } from "node:fs";
import { CompileError, describePlan } from "@ane/ane-runtime";
import { FormatError, type Program, parse } from "@ane/mil-builder";
import { replayDump } from "@ane/trainer";
import { type Context, userPath } from "../context.js";
import { CommandError } from "../errors.js";
import { describeGraph, formatGraph } from "../view/graph.js";
import type { MilPlanFlags, MilReplayFlags } from "./mil.js";

export async function runMilPlan(
  this: Context,
  { numerics, json }: MilPlanFlags,
  file: string,
): Promise<void> {
  const path = userPath(this, file);
  const program = readProgram(path);
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
  const replay = replayDump(userPath(this, folder), device);
  const { kernel, layer, step, nonFiniteInput, nonFiniteOutput, same } = replay;
  this.process.stdout.write(
    json
      ? `${JSON.stringify(replay)}\n`
      : `${kernel} of layer ${layer}, micro-step ${step}, on ${replay.device}\n` +
          `not finite: ${nonFiniteInput} values given, ${nonFiniteOutput} made; ${same ? "the same bits as in the dump" : "other bits than in the dump"}\n`,
  );
}

function readProgram(path: string): Program {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new CommandError(
      `mil plan: the program must be a readable file, got ${(cause as Error).message}. Give the path of a MIL text file.`,
    );
  }
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof FormatError) throw new CommandError(`${path}: ${error.message}`);
    throw error;
  }
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

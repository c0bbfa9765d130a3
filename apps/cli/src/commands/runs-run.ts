/** Runs `ane runs list` and `ane runs export`. */
import { exportCsv, exportTensorboard, listRuns, type RunSummary } from "@ane/run-records";
import { type Context, userPath } from "../context.js";
import { UsageError } from "../errors.js";
import { expectFilePlace, expectFolderPlace, kindOf } from "../places.js";
import { formatAge, formatCount } from "../view/format.js";
import { formatTable } from "../view/table.js";
import { namedRun } from "./named-run.js";
import type { RunsExportFlags, RunsListFlags } from "./runs.js";

export function runRunsList(this: Context, { json }: RunsListFlags, folder?: string): void {
  const root = userPath(this, folder ?? "runs");
  if (folder !== undefined && kindOf(root) !== "folder") {
    throw new UsageError(
      `FOLDER: must be a folder of runs, got nothing like that at ${root}. Give another, or none for runs/.`,
    );
  }
  const runs = listRuns(root);
  const { stdout, stderr } = this.process;
  if (json) stdout.write(`${JSON.stringify(runs)}\n`);
  else if (runs.length > 0) stdout.write(`${formatRuns(runs, Date.now())}\n`);
  else stderr.write(`No runs in ${root}. Start one: ane train\n`);
}

function formatRuns(runs: readonly RunSummary[], now: number): string {
  const head = [
    "run",
    "state",
    "model",
    "parameters",
    "micro-steps",
    "loss",
    "held out",
    "changed",
  ];
  const rows = runs.map((run) => [
    run.id,
    run.problem === undefined ? run.status : "unreadable",
    run.model ?? "",
    run.parameters === undefined ? "" : formatCount(run.parameters),
    run.steps === undefined ? String(run.step) : `${run.step}/${run.steps}`,
    run.loss?.toFixed(4) ?? "",
    run.validation?.toFixed(4) ?? "",
    formatAge(now - run.changed),
  ]);
  const problems = runs.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  return [formatTable([head, ...rows], "lllrrrrr"), ...problems].join("\n");
}

export async function runRunsExport(
  this: Context,
  { csv, tensorboard, json }: RunsExportFlags,
  run: string,
): Promise<void> {
  if (csv === undefined && tensorboard === undefined) {
    throw new UsageError(
      "runs export: what to write must be said, got neither --csv nor --tensorboard. Give one or both.",
    );
  }
  const table = csv === undefined ? undefined : userPath(this, csv);
  const board = tensorboard === undefined ? undefined : userPath(this, tensorboard);
  if (table !== undefined) expectFilePlace("--csv", table);
  if (board !== undefined) expectFolderPlace("--tensorboard", board);
  const directory = namedRun(this, run);
  if (table !== undefined) await exportCsv(directory, table);
  const written = {
    ...(table !== undefined && { csv: table }),
    ...(board !== undefined && { tensorboard: await exportTensorboard(directory, board) }),
  };
  const { stdout } = this.process;
  if (json) stdout.write(`${JSON.stringify(written)}\n`);
  else for (const path of Object.values(written)) stdout.write(`wrote ${path}\n`);
}

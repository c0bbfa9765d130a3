/** Recognizes the folder of a run, its files, a folder of runs, and the dump of one that diverged. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { listRuns } from "@ane/run-records";
import { inspectCheckpoint, readRunConfig } from "@ane/trainer";
import { type Finding, type InfoCheck, type Probe, textOf } from "./finding.js";
import { damaged, modelFacts } from "./models.js";

export function recognizeRun({ path, isFolder, options }: Probe): Finding | undefined {
  if (!isFolder || !existsSync(join(path, "config.json"))) return undefined;
  try {
    const { recipe, execution } = readRunConfig(join(path, "config.json"));
    const names = existsSync(join(path, "checkpoints"))
      ? readdirSync(join(path, "checkpoints")).filter((name) => name.endsWith(".ckpt"))
      : [];
    const last = lastEvent(join(path, "events.jsonl"));
    return {
      kind: "run",
      title: "training run",
      facts: {
        ...modelFacts(recipe.model),
        recipe: `${recipe.pipeline} pipeline, ${recipe.numerics}, sequences of ${recipe.seq}, ${recipe.accum} per update, lr ${recipe.lr}`,
        data: `${recipe.data.tokens} tokens, ${execution.dataPath}`,
        ...(last === undefined ? {} : { "last event": last }),
        checkpoints: names.sort().join(", ") || "none",
      },
      checks: names.map((name) =>
        checkpointCheck(join(path, "checkpoints", name), name, options.check),
      ),
    };
  } catch (error) {
    return existsSync(join(path, "events.jsonl"))
      ? damaged("run", "training run", error)
      : undefined;
  }
}

export function recognizeRuns({ path }: Probe): Finding | undefined {
  const runs = listRuns(path).filter(({ model }) => model !== undefined);
  const [newest] = runs;
  if (newest === undefined) return undefined;
  return {
    kind: "runs",
    title: "folder of training runs",
    facts: { runs: runs.length, newest: newest.id, next: `ane runs list ${path}` },
    checks: [],
  };
}

function checkpointCheck(path: string, name: string, wholly: boolean): InfoCheck {
  try {
    const { step } = inspectCheckpoint(path, wholly);
    return {
      name,
      ok: true,
      detail: `micro-step ${step}, ${wholly ? "sha256" : "size"} as it says`,
    };
  } catch (error) {
    return { name, ok: false, detail: (error as Error).message };
  }
}

/** The last whole line of the log, in words. */
function lastEvent(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  for (const line of lines.reverse()) {
    try {
      const { type, step, reason, loss } = JSON.parse(line) as Record<string, unknown>;
      const parts = [type, reason, step === undefined ? undefined : `micro-step ${step}`];
      if (typeof loss === "number") parts.push(`loss ${loss.toFixed(4)}`);
      return parts.filter((part) => part !== undefined).join(", ");
    } catch {
      // A line that was cut off when the machine stopped.
    }
  }
  return undefined;
}

export function recognizeDump({ path, isFolder }: Probe): Finding | undefined {
  if (!isFolder || !existsSync(join(path, "dump.json"))) return undefined;
  try {
    const dump = JSON.parse(readFileSync(join(path, "dump.json"), "utf8")) as Record<
      string,
      unknown
    >;
    return {
      kind: "dump",
      title: "dump of a run that diverged",
      facts: {
        kernel: String(dump.kernel),
        layer: String(dump.layer),
        "micro-step": String(dump.step),
        next: `ane mil replay ${path}`,
      },
      checks: [],
    };
  } catch (error) {
    return damaged("dump", "dump of a run that diverged", error);
  }
}

/** events.jsonl by itself. */
export function recognizeEvents(probe: Probe): Finding | undefined {
  if (!/^\{"(type|time)":/.test(textOf(probe, 16))) return undefined;
  const counts = new Map<string, number>();
  for (const line of readFileSync(probe.path, "utf8").split("\n")) {
    try {
      const { type } = JSON.parse(line) as { type?: unknown };
      counts.set(String(type), (counts.get(String(type)) ?? 0) + 1);
    } catch {
      // The last line may be cut off, or empty.
    }
  }
  return {
    kind: "events",
    title: "events of a run",
    facts: Object.fromEntries(counts),
    checks: [],
  };
}

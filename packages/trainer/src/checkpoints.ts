/** The checkpoints of a run: step-XXXXXXXX.ckpt in one folder, the last two kept, the newest intact one restored. */
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { LlamaConfig } from "@ane/llama-model";
import { PARTIAL_SUFFIX, syncDirectory } from "./atomic-file.js";
import {
  CheckpointDamage,
  type CheckpointHeader,
  readCheckpointFile,
  type SectionName,
  writeCheckpointFile,
} from "./checkpoint-file.js";
import { CheckpointError } from "./errors.js";
import type { RefusedCheckpoint } from "./events.js";
import { messageOf } from "./input-files.js";
import type { RunState } from "./run-state.js";

const KEPT = 2;
const FILE_NAME = /^step-(\d{8,})\.ckpt$/;

export interface Restored {
  /** Micro-steps done by the checkpoint; 0 where the run has none. */
  readonly step: number;
  /** Newer ones that could not be used, newest first. */
  readonly refused: readonly RefusedCheckpoint[];
}

/** Steps and paths of the checkpoints in the folder, newest first. */
export function listCheckpoints(folder: string): { step: number; path: string }[] {
  return filesIn(folder)
    .flatMap((name) => {
      const match = FILE_NAME.exec(name);
      return match ? [{ step: Number(match[1]), path: join(folder, name) }] : [];
    })
    .sort((a, b) => b.step - a.step);
}

export class Checkpoints {
  readonly #folder: string;
  readonly #model: LlamaConfig;
  readonly #recipe: string;

  /** @param digest Of the run's recipe. */
  constructor(folder: string, model: LlamaConfig, digest: Uint8Array) {
    this.#folder = folder;
    this.#model = model;
    this.#recipe = Buffer.from(digest).toString("hex");
  }

  /** Micro-steps done by the newest checkpoint, looked at by name only; 0 where there is none. */
  get newestStep(): number {
    return listCheckpoints(this.#folder)[0]?.step ?? 0;
  }

  /**
   * Saves the state; gradients too where the step is in the middle of an update.
   * @throws CheckpointError if it cannot be written: the earlier ones are untouched then.
   */
  save(state: RunState, midUpdate: boolean): { path: string; bytes: number } {
    const path = join(this.#folder, `step-${String(state.step).padStart(8, "0")}.ckpt`);
    const sections: SectionName[] = ["parameters", "firstMoment", "secondMoment"];
    if (midUpdate) sections.push("gradients");
    const { step, updates } = state;
    const { length } = state.parameters;
    try {
      mkdirSync(this.#folder, { recursive: true });
      const bytes = writeCheckpointFile(
        path,
        { model: this.#model, recipe: this.#recipe, step, updates, length, sections },
        state,
      );
      for (const old of listCheckpoints(this.#folder).slice(KEPT)) rmSync(old.path);
      return { path, bytes };
    } catch (cause) {
      const full = cause instanceof Error && "code" in cause && cause.code === "ENOSPC";
      const gigabytes = ((length * 4 * sections.length) / 1e9).toFixed(3);
      throw new CheckpointError(
        `checkpoint: ${path} must be written completely, got ${messageOf(cause)}. The earlier checkpoints are intact; ` +
          (full
            ? `make ${gigabytes} GB of disk space free, then resume the run.`
            : "correct the cause, then resume the run."),
        { cause },
      );
    }
  }

  /**
   * Restores the newest intact checkpoint into a new (zeroed) state. A damaged or foreign one is renamed to `*.refused`, so that
   * it neither counts as kept nor is tried again.
   * @throws CheckpointError if there are checkpoints but none can be used.
   */
  restore(state: RunState): Restored {
    this.#removePartialFiles();
    const refused: RefusedCheckpoint[] = [];
    const candidates = listCheckpoints(this.#folder);
    for (const { path } of candidates) {
      try {
        const header = readCheckpointFile(path, (found) => this.#accept(found, state));
        // One that was refused may have left its gradients there.
        if (refused.length > 0 && !header.sections.includes("gradients")) state.gradients.fill(0);
        state.step = header.step;
        state.updates = header.updates;
        for (const { path: bad } of refused) renameSync(bad, `${bad}.refused`);
        if (refused.length > 0) syncDirectory(this.#folder);
        return { step: header.step, refused };
      } catch (error) {
        if (!(error instanceof CheckpointDamage)) throw error;
        refused.push({ path, reason: error.message });
      }
    }
    if (refused.length > 0) {
      const reasons = refused.map(({ path, reason }) => `${basename(path)}: ${reason}`).join("; ");
      throw new CheckpointError(
        `checkpoint: ${this.#folder} must hold an intact checkpoint, got ${reasons}. Restore one from a backup, or start a new run.`,
      );
    }
    return { step: 0, refused };
  }

  #accept(header: CheckpointHeader, state: RunState): RunState {
    if (header.recipe !== this.#recipe) throw new CheckpointDamage("it belongs to another run");
    if (header.length !== state.parameters.length) {
      throw new CheckpointDamage(`it has ${header.length} parameters`);
    }
    return state;
  }

  /** What a process left behind that was killed while it wrote. */
  #removePartialFiles(): void {
    for (const name of filesIn(this.#folder)) {
      if (name.endsWith(PARTIAL_SUFFIX)) rmSync(join(this.#folder, name), { force: true });
    }
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

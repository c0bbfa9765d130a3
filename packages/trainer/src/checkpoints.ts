/**
 * The checkpoints of a run, in one folder: step-XXXXXXXX.ckpt, of which the last few are kept and the newest intact one is restored,
 * and best.ckpt, the parameters with the lowest held-out loss.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { removePartialFiles, syncDirectory } from "./atomic-file.js";
import {
  CheckpointDamage,
  type CheckpointHeader,
  readCheckpointFile,
  type SectionName,
  type Validation,
  writeCheckpointFile,
} from "./checkpoint-file.js";
import { CheckpointError, codeOf } from "./errors.js";
import type { RefusedCheckpoint } from "./events.js";
import { messageOf } from "./input-files.js";
import { arenaLayout } from "./model-record.js";
import { type RunConfig, recipeDigest } from "./run-config.js";
import { COUNTERS, type RunState } from "./run-state.js";

const FILE_NAME = /^step-(\d{8,})\.ckpt$/;
const BEST = "best.ckpt";

/** What it takes to go on with a run. */
const STATE: readonly SectionName[] = ["parameters", "firstMoment", "secondMoment"];

export interface Restored {
  /** Micro-steps done by the checkpoint; 0 where the run has none. */
  readonly step: number;
  /** Those that could not be used: newer ones, newest first, and the best. */
  readonly refused: readonly RefusedCheckpoint[];
}

export interface Saved {
  readonly path: string;
  readonly bytes: number;
}

/** Steps and paths of the checkpoints in the folder that a run can go on from, newest first. */
export function listCheckpoints(folder: string): { step: number; path: string }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => {
      const match = FILE_NAME.exec(name);
      return match ? [{ step: Number(match[1]), path: join(folder, name) }] : [];
    })
    .sort((a, b) => b.step - a.step);
}

export class Checkpoints {
  readonly #folder: string;
  readonly #bestPath: string;
  readonly #config: RunConfig;
  readonly #recipe: string;
  /** Of the best checkpoint, once it is known. */
  #best: Validation | undefined;

  constructor(folder: string, config: RunConfig) {
    this.#folder = folder;
    this.#bestPath = join(folder, BEST);
    this.#config = config;
    this.#recipe = Buffer.from(recipeDigest(config.recipe)).toString("hex");
  }

  /** Micro-steps done by the newest checkpoint, looked at by name only; 0 where there is none. */
  get newestStep(): number {
    return listCheckpoints(this.#folder)[0]?.step ?? 0;
  }

  /**
   * Saves the state, gradients too where the step is in the middle of an update; then the oldest one goes.
   * @throws CheckpointError if it cannot be written: the earlier ones are untouched then.
   */
  save(state: RunState, midUpdate: boolean): Saved {
    const path = join(this.#folder, `step-${String(state.step).padStart(8, "0")}.ckpt`);
    const saved = this.#write(path, state, midUpdate ? [...STATE, "gradients"] : STATE);
    this.#removeOldest();
    return saved;
  }

  #removeOldest(): void {
    const { keep } = this.#config.execution;
    for (const old of listCheckpoints(this.#folder).slice(keep)) rmSync(old.path, { force: true });
  }

  /**
   * Saves the parameters if no earlier ones of the run had so low a loss over the same windows; otherwise does nothing.
   * @throws CheckpointError if they cannot be written: the best before them are untouched then.
   */
  saveBest(state: RunState, validation: Validation): Saved | undefined {
    this.#best ??= this.#bestValidation();
    const { windows, data } = validation;
    const isComparable = this.#best?.windows === windows && this.#best.data === data;
    const toBeat = isComparable ? this.#best!.meanNll : Number.POSITIVE_INFINITY;
    if (!(validation.meanNll < toBeat)) return undefined;
    const saved = this.#write(this.#bestPath, state, ["parameters"], validation);
    this.#best = validation;
    return saved;
  }

  /**
   * Restores the newest intact checkpoint into a new (zeroed) state. A damaged or foreign one is renamed to `*.refused`, so that
   * it neither counts as kept nor is tried again.
   * @throws CheckpointError if there are checkpoints but none can be used.
   */
  restore(state: RunState): Restored {
    if (existsSync(this.#folder)) removePartialFiles(this.#folder);
    const refused: RefusedCheckpoint[] = [];
    const isIntact = (path: string, read: () => void): boolean => {
      const reason = damageIn(read);
      if (reason !== undefined) refused.push({ path, reason });
      return reason === undefined;
    };
    const all = listCheckpoints(this.#folder);
    const restored = all.find(({ path, step }) =>
      isIntact(path, () => this.#restoreFrom(path, step, state)),
    );
    if (all.length > 0 && !restored) {
      const reasons = refused.map(({ path, reason }) => `${basename(path)}: ${reason}`).join("; ");
      throw new CheckpointError(
        `checkpoint: ${this.#folder} must hold an intact checkpoint, got ${reasons}. Restore one from a backup, or start a new run.`,
      );
    }
    isIntact(this.#bestPath, () => this.#readBest());
    for (const { path } of refused) renameSync(path, `${path}.refused`);
    if (refused.length > 0) syncDirectory(this.#folder);
    this.#removeOldest(); // the process that should have may have been killed
    return { step: restored?.step ?? 0, refused };
  }

  #restoreFrom(path: string, step: number, state: RunState): void {
    const header = readCheckpointFile(path, (found) => {
      this.#expectOurs(found);
      if (found.step !== step) throw new CheckpointDamage(`it is of micro-step ${found.step}`);
      if (STATE.some((name) => !found.sections.includes(name))) {
        throw new CheckpointDamage("it holds parameters alone");
      }
      return state;
    });
    // One that was refused may have left its gradients there.
    if (!header.sections.includes("gradients")) state.gradients.fill(0);
    state.counters.set(header.counters);
    state.step = header.step;
    state.updates = header.updates;
  }

  /** Checks all of it. @throws CheckpointDamage, the system's error */
  #readBest(): CheckpointHeader | undefined {
    if (!existsSync(this.#bestPath)) return undefined;
    return readCheckpointFile(this.#bestPath, (found) => {
      this.#expectOurs(found);
      return {};
    });
  }

  /** Of a best one that cannot be used: nothing, so that it is replaced. */
  #bestValidation(): Validation | undefined {
    let best: CheckpointHeader | undefined;
    damageIn(() => {
      best = this.#readBest();
    });
    return best?.validation;
  }

  #expectOurs(header: CheckpointHeader): void {
    const { total } = arenaLayout(this.#config.recipe.model);
    if (header.recipe !== this.#recipe) throw new CheckpointDamage("it belongs to another run");
    if (header.length !== total) throw new CheckpointDamage(`it has ${header.length} parameters`);
    if (header.counters.length !== COUNTERS) {
      throw new CheckpointDamage(`it has ${header.counters.length} counters`);
    }
  }

  #write(
    path: string,
    state: RunState,
    sections: readonly SectionName[],
    validation?: Validation,
  ): Saved {
    const { step, updates } = state;
    const { length } = state.parameters;
    const header: CheckpointHeader = {
      model: this.#config.recipe.model,
      recipe: this.#recipe,
      step,
      updates,
      length,
      sections,
      counters: [...state.counters],
      ...(validation && { validation }),
    };
    try {
      mkdirSync(this.#folder, { recursive: true });
      return { path, bytes: writeCheckpointFile(path, header, state) };
    } catch (cause) {
      const gigabytes = ((length * 4 * sections.length) / 1e9).toFixed(3);
      throw new CheckpointError(
        `checkpoint: ${path} must be written completely, got ${messageOf(cause)}. The earlier checkpoints are intact; ` +
          (codeOf(cause) === "ENOSPC"
            ? `make ${gigabytes} GB of disk space free, then resume the run.`
            : "correct the cause, then resume the run."),
        { cause },
      );
    }
  }
}

/** Why the file that is read cannot be used, if so; unreadable sectors of a disk are damage too. */
function damageIn(read: () => void): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof CheckpointDamage || codeOf(error) === "EIO") return messageOf(error);
    throw error;
  }
}

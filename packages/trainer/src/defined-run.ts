/** A model that a module defines, as a run has trained it: to be evaluated, or to write text, when training is over. */
import { readCheckpointFile } from "./checkpoint-file.js";
import { CheckpointError, OptionError } from "./errors.js";
import type { EvaluationEvent } from "./events.js";
import {
  arenaLayout,
  type DefinedModel,
  isDefined,
  isImageModel,
  type TextModel,
  textModel,
} from "./model-record.js";
import { openModel } from "./open-model.js";
import { expectEvaluation } from "./option-rules.js";
import { expectIntact, newestCheckpoint } from "./read-checkpoint.js";
import { type Execution, type RunConfig, recipeDigest } from "./run-config.js";
import { runOf } from "./run-of.js";
import { RunState } from "./run-state.js";
import { ownMemory } from "./state-memory.js";
import type { TrainableModel, WritingOptions } from "./trainable-model.js";

/** What an evaluation takes, and whose token ids they are: as a run's configuration says it. */
export interface HeldOutOptions extends Required<Pick<Execution, "evalWindows" | "tokenizerPath">> {
  readonly validationPath: string;
}

export class DefinedRun {
  readonly model: DefinedModel;
  readonly config: RunConfig;
  readonly #trainable: TrainableModel;
  readonly #state: RunState;

  /** See `openDefinedRun`. */
  constructor(model: DefinedModel, config: RunConfig, trainable: TrainableModel, state: RunState) {
    this.model = model;
    this.config = config;
    this.#trainable = trainable;
    this.#state = state;
  }

  /** What its texts must fit; undefined of a model of images. */
  get text(): TextModel | undefined {
    return isImageModel(this.model) ? undefined : textModel(this.model);
  }

  /** What an evaluation of the run in training gives. @throws OptionError naming validation, evalWindows or tokenizer */
  evaluate(options: HeldOutOptions): EvaluationEvent {
    const { recipe, execution } = this.config;
    const windows = options.evalWindows || undefined;
    expectEvaluation({ ...options, evalEvery: 0 }, windows, recipe.model, recipe.seq);
    const [evaluation] = this.#trainable.evaluate({ ...execution, ...options }, this.#state);
    return evaluation!;
  }

  /** Why the model writes no text, with what does and what it is; undefined where it does. */
  textRefusal(): string | undefined {
    return this.#trainable.textRefusal();
  }

  /** Tokens, as `generate` of @ane/llama-model yields them. */
  write(options: WritingOptions): Generator<number, void, undefined> {
    return this.#trainable.write(this.#state, options);
  }
}

/**
 * @param path The folder of a run, whose newest checkpoint is taken, or a checkpoint in it.
 * @returns Undefined for anything else, such as a Llama.
 * @throws CheckpointError if there is no intact checkpoint of the run, or the module that defines its model is gone or changed
 */
export async function openDefinedRun(path: string): Promise<DefinedRun | undefined> {
  const config = runOf(path);
  const model = config?.recipe.model;
  if (!config || !model || !isDefined(model)) return undefined;
  const file = newestCheckpoint(path);
  const { total } = arenaLayout(model);
  const state = new RunState(ownMemory(RunState.bytes(total)), total);
  const own = Buffer.from(recipeDigest(config.recipe)).toString("hex");
  const { step } = expectIntact(file, () =>
    readCheckpointFile(file, ({ recipe, length }) => {
      if (recipe === own && length === total) return { parameters: state.parameters };
      throw new CheckpointError(
        `${file}: a checkpoint must be of the run that it lies in, got another's. Give it with its own run.`,
      );
    }),
  );
  state.step = step;
  return new DefinedRun(model, config, await openTrained(path, config), state);
}

async function openTrained(path: string, config: RunConfig): Promise<TrainableModel> {
  try {
    return await openModel(config);
  } catch (cause) {
    if (!(cause instanceof OptionError)) throw cause;
    throw new CheckpointError(
      `${path}: the module of the run's model must be as it was trained, got this: ${cause.message} A module that was moved is found again once the run is resumed with its new place as model.`,
      { cause },
    );
  }
}

/** Whether the machine has room for a run, asked before anything is written: what a run allocates later is known from its recipe. */
import { freemem, totalmem } from "node:os";
import { LARGEST_BUFFER } from "@ane/accel-ops";
import { StateError } from "./errors.js";
import { arenaLayout, type DefinedModel, isDefined } from "./model-record.js";
import { ourStructure } from "./plan/our-pipelines.js";
import { type PlannedMemory, planMemory } from "./plan/plan-memory.js";
import { kernelsOf, type Recipe } from "./run-config.js";

/**
 * @param available Bytes that can be had.
 * @param largestArray Bytes of the largest array that this Node.js can share between processes.
 * @throws StateError with the sizes of the parts
 */
export function expectMemory(
  recipe: Recipe,
  available = availableBytes(),
  largestArray = LARGEST_BUFFER,
): void {
  const { model, seq } = recipe;
  const plan = plannedMemory(recipe);
  if (plan.parameters > largestArray) {
    throw new StateError(
      `memory: the parameters of ${model.name} must fit into an array of this Node.js, at most ${gigabytes(largestArray)}, got ${gigabytes(plan.parameters)}. Use Node.js 22 or later, or a smaller model.`,
    );
  }
  if (plan.total <= available) return;
  const { total, ...parts } = plan;
  const list = Object.entries(parts)
    .filter(([, bytes]) => bytes > 0)
    .map(
      ([name, bytes]) => `${name === "weightFiles" ? "weight files" : name} ${gigabytes(bytes)}`,
    );
  throw new StateError(
    `memory: training ${model.name} on sequences of ${seq} tokens must have ${gigabytes(total)} (${list.join(", ")}), got ${gigabytes(available)} available. ` +
      "End other programs, choose a smaller model or shorter sequences, or use a machine with more memory.",
  );
}

/** The plan with the classes and the dtype of the recipe; of a defined model the state alone, which is known before its kernels. */
export function plannedMemory(recipe: Recipe): PlannedMemory {
  const { model, seq, pipeline, numerics, compactVocab, data } = recipe;
  if (isDefined(model)) return stateOf(model);
  const classes = compactVocab ? Math.min(model.vocabSize, data.tokens) : model.vocabSize;
  const plan = planMemory(
    model,
    seq,
    classes,
    ourStructure(pipeline, model, seq, classes, kernelsOf(recipe)),
  );
  const bytes = numerics === "fp32" ? 2 : 1; // the plan's surfaces are fp16
  const [surfaces, weightFiles] = [bytes * plan.surfaces, bytes * plan.weightFiles];
  const total = plan.total + surfaces - plan.surfaces + weightFiles - plan.weightFiles;
  return { ...plan, surfaces, weightFiles, total };
}

function stateOf(model: DefinedModel): PlannedMemory {
  const parameters = arenaLayout(model).total * Float32Array.BYTES_PER_ELEMENT;
  const state = { parameters, gradients: parameters, moments: 2 * parameters };
  return { ...state, surfaces: 0, weightFiles: 0, logits: 0, streams: 0, total: 4 * parameters };
}

/**
 * An upper bound, as memory is promised on credit. Linux counts what it could free; elsewhere "free" leaves that out, so that
 * only the machine's size is sure.
 */
export function availableBytes(): number {
  const machine = process.platform === "linux" ? freemem() : totalmem();
  return Math.min(machine, process.constrainedMemory() || Number.POSITIVE_INFINITY);
}

/** With two decimals. */
export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

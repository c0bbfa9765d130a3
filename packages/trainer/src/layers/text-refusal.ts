/**
 * Whether a model can write text. That no position sees a later one is tried, not proved: windows that differ from some position on
 * must be alike before it, with drawn parameters of which none is zero, so that nothing is hidden by a layer that has not learned yet.
 */
import { drawParameters } from "../draw-parameters.js";
import { arenaLayout, type DefinedModel, isImageModel } from "../model-record.js";
import { RunState } from "../run-state.js";
import { ownMemory } from "../state-memory.js";
import type { ModelDefinition } from "./define-model.js";
import { DefinedForward } from "./defined-forward.js";
import { defaultPipeline } from "./defined-kernels.js";

/** Of the largest value of the stream: rounding is far below it, what a token adds far above. */
const TOLERANCE = 1e-5;

const known = new WeakMap<ModelDefinition, boolean>();

/** Why the model writes no text, with what does and what it is; undefined where it does. */
export function textRefusal(definition: ModelDefinition): string | undefined {
  const { record } = definition;
  const actual = isImageModel(record)
    ? "a model of images"
    : isCausal(definition)
      ? undefined
      : "in which positions see later ones";
  return actual && `only a causal model of text writes text, got ${record.name}, ${actual}`;
}

function isCausal(definition: ModelDefinition): boolean {
  const answer = known.get(definition) ?? tryCausal(definition);
  known.set(definition, answer);
  return answer;
}

function tryCausal(definition: ModelDefinition): boolean {
  const { record } = definition;
  const { seqLen: S } = record;
  const { total } = arenaLayout(record);
  const state = new RunState(ownMemory(RunState.bytes(total)), total);
  drawParameters(withoutZeros(record), state.parameters, 1);
  const pipeline = defaultPipeline(record);
  const recipe = { pipeline, numerics: "fp32", precision: "fp32", zLoss: 0, lossScale: 1 } as const;
  using forward = new DefinedForward(definition, recipe, state);
  const tokens = Uint32Array.from({ length: S }, (_, s) => (7 * s + 1) % record.head.classes);
  const stream = forward.run(tokens).slice();
  const tolerance = TOLERANCE * stream.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (!Number.isFinite(tolerance)) return true; // it cannot be told
  return [1, S / 2, S - 1].every((position) => {
    const other = tokens.map((id, s) => (s < position ? id : (id + 1) % record.head.classes));
    return forward
      .run(other)
      .every((x, i) => i % S >= position || Math.abs(x - stream[i]!) <= tolerance);
  });
}

function withoutZeros(record: DefinedModel): DefinedModel {
  const parameters = record.parameters.map((parameter) =>
    parameter.init === "zeros" ? { ...parameter, init: { normal: 0.1 } } : parameter,
  );
  return { ...record, parameters };
}

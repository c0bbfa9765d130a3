/** Random parameters for a new run: counter-based, a function of (seed, parameter, index) alone. */
import { fillNormal } from "@ane/accel-ops";
import { initializeParameters, Parameters } from "@ane/llama-model";
import { arenaLayout, isLlama, type ModelRecord } from "./model-record.js";

/** Of the first parameter of a defined model; those of a Llama come before. Part of what a seed means: never renumber. */
const FIRST_STREAM = 64;

/** @param target The model's arena. */
export function drawParameters(model: ModelRecord, target: Float32Array, seed: number): void {
  if (isLlama(model)) {
    initializeParameters(new Parameters(model, target), seed);
    return;
  }
  arenaLayout(model).entries.forEach(({ offset, length }, i) => {
    const view = target.subarray(offset, offset + length);
    const { init } = model.parameters[i]!;
    if (typeof init === "object") {
      fillNormal(view, { seed, stream: FIRST_STREAM + i, std: init.normal });
    } else view.fill(init === "ones" ? 1 : 0);
  });
}

/** Refuses to round parameters to fp16 where that would make them infinite. */
import { InputError } from "./errors.js";
import type { Parameters } from "./parameters.js";

/** From here on the nearest fp16 is infinity: half a step above the largest, 65504. */
const OVERFLOW = 65520;

/** @throws InputError naming the tensor and the index of the first element that is too large. */
export function expectInHalfRange(where: string, parameters: Parameters): void {
  for (const { name } of parameters.layout.entries) {
    const view = parameters.view(name);
    let index = 0;
    while (index < view.length && Math.abs(view[index]!) < OVERFLOW) index++;
    if (index === view.length) continue;
    throw new InputError(
      `${where}: elements of fp16 must be below ${OVERFLOW} in size, got ${view[index]} in ${name}[${index}]. Store the model as fp32.`,
    );
  }
}

/** Vectors whose absence an op itself gives a meaning. */
import type { Vjp } from "./vjp.js";

/** The numbers of a parameter, undefined where it is absent. */
export function optionalNumbers(vjp: Vjp, name: string): readonly number[] | undefined {
  return vjp.has(name) ? vjp.numbers(name) : undefined;
}

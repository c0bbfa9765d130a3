/**
 * The passes in order. Folding comes first, as it may find the permutations and shapes that the cleanups compose; equal
 * constants that the cleanups write are then shared, and what nobody reads any more is dropped last.
 */
import type { Program } from "../program.js";
import { simplifyCasts } from "./casts.js";
import { shareSubexpressions } from "./common-subexpressions.js";
import { foldConstants } from "./constant-folding.js";
import { removeDeadCode } from "./dead-code.js";
import type { Pass } from "./pass.js";
import { simplifyShapes } from "./shapes.js";

/** All passes, in the order in which each profits from those before it. */
export const DEFAULT_PASSES: readonly Pass[] = [
  (program) => foldConstants(program),
  simplifyCasts,
  simplifyShapes,
  shareSubexpressions,
  removeDeadCode,
];

/** A bound for passes that undo each other; random programs take two rounds. */
const MOST_ROUNDS = 16;

/**
 * A program that computes the same with fewer ops: the passes in order, and again until none of them finds anything. Inputs
 * and outputs keep names and types.
 */
export function runPasses(program: Program, passes: readonly Pass[] = DEFAULT_PASSES): Program {
  let current = program;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = passes.reduce((before, pass) => pass(before), current);
    if (next === current) break;
    current = next;
  }
  return current;
}

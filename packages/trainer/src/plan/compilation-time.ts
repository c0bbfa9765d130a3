/** What compilation costs: milliseconds per kernel of a chip, and kernels per update within the budget of a process. */
import { type Chip, chipNamed, type EngineFamily } from "./chips.js";
import { PUBLISHED_COMPILATIONS } from "./published-times.js";
import type { StepStructure } from "./step-structure.js";

/** Compilations of a process before the engine's compiler fails (maderix/ANE README.md: about 119). */
const BUDGET = 119;

/** Families without a published figure, and the one whose is taken. */
const TAKEN_FOR: Partial<Record<EngineFamily, EngineFamily>> = { h14: "h15", h17: "h16" };

/** The mean of what is published for the chip's family, milliseconds. */
export function compileMsPerKernel({ family }: Chip): number {
  const known = TAKEN_FOR[family] ?? family;
  const rows = PUBLISHED_COMPILATIONS.filter((row) => chipNamed(row.chip).family === known);
  return (
    rows.reduce((sum, { ms, kernels }) => sum + (ms[0] + ms[1]) / 2 / kernels, 0) / rows.length
  );
}

/** Kernels compiled per update in a long run: a new process compiles all of them, and goes on while the budget lasts. */
export function compilationsPerUpdate({ compilations }: StepStructure): number {
  const { first, perUpdate } = compilations;
  if (perUpdate === 0) return 0;
  const updates = 1 + Math.max(0, Math.floor((BUDGET - first) / perUpdate));
  return (first + (updates - 1) * perUpdate) / updates;
}

/** What a loop over attention heads is planned from. */
import type { GuardStep } from "@ane/accel-ops";
import type { NativeStep } from "./plan.js";
import type { BodyStep } from "./split-step.js";

/** Steps that can share a loop, in order. */
export interface LoopGroup {
  /** Sizes of the loops, outermost first. */
  readonly loops: readonly number[];
  readonly steps: readonly NativeStep[];
  /** What each step does for one entry. */
  readonly parts: readonly BodyStep[];
  /** Guards by the index of the step that they come before. */
  readonly guards: ReadonlyMap<number, GuardStep>;
}

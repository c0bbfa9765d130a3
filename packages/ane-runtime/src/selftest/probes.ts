/** The eight probes, in their order. */
import { accumulator } from "./probes/accumulator.js";
import { compileBudget } from "./probes/compile-budget.js";
import { concat } from "./probes/concat.js";
import { hardwareTime } from "./probes/hardware-time.js";
import { operations } from "./probes/operations.js";
import { packedRows } from "./probes/packed-rows.js";
import { portOrder } from "./probes/port-order.js";
import type { Probe } from "./probes/probe.js";
import { weightPatch } from "./probes/weight-patch.js";

/** Each settles one contradiction between public reports; their cases need the ane device. */
export const PROBES: readonly Probe[] = [
  packedRows,
  portOrder,
  concat,
  weightPatch,
  compileBudget,
  operations,
  accumulator,
  hardwareTime,
];

/** Compile and run MIL programs on a device: the Neural Engine, or the CPU everywhere. */
export { type EnergyMeter, type EnergyReading, openEnergyMeter } from "./ane/energy-meter.js";
export { describePlan, profilePlan } from "./describe-plan.js";
export type * from "./device.js";
export type { CompileMessage, EvaluateMessage } from "./diagnostics.js";
export {
  AneError,
  type AneErrorCode,
  BudgetError,
  CompileError,
  type CompileErrorOptions,
  DisposedError,
  EvaluationError,
  ShapeError,
  UnavailableError,
} from "./errors.js";
export { type DeviceKind, openDevice } from "./open-device.js";
export { copySlot, readSlot, slotMatrix, writeSlot } from "./slots.js";

/** The device that a run's configuration asks for. */
import { type Device, openDevice } from "@ane/ane-runtime";
import type { RunConfig } from "./run-config.js";

/** @throws UnavailableError if this machine has no such device. */
export function openRunDevice({ recipe, execution }: RunConfig): Device {
  // The engine computes in fp16 only, so fp32 does not look for one.
  return openDevice(recipe.numerics === "fp32" ? "cpu" : execution.device, {
    numerics: recipe.numerics,
    compileBudget: execution.compileBudget,
  });
}

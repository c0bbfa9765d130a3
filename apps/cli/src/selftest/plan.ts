/** Which cases a self-test has. */
import {
  kernelCases,
  type ModelKernels,
  PROBES,
  type SelftestCase,
} from "@ane/ane-runtime/selftest";

/** The probes ask about the engine, so the cpu device has only the kernels. */
export function casesOf(device: "ane" | "cpu", model: ModelKernels): SelftestCase[] {
  const kernels = kernelCases(model);
  return device === "ane" ? [...kernels, ...PROBES.flatMap(({ cases }) => cases)] : kernels;
}

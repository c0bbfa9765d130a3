/** What the cpu device makes of a program, as text. */
import type { Program } from "@ane/mil-builder";
import { formatPlan } from "./cpu/describe-plan.js";
import { CpuKernel } from "./cpu/kernel.js";
import { makePlan } from "./cpu/make-plan.js";
import { parseSource } from "./cpu/source.js";
import type { Bindings, CompiledKernel, DeviceOptions } from "./device.js";
import { UnavailableError } from "./errors.js";

/**
 * The steps that a kernel of the cpu device takes, one per line with shapes, buffers and arithmetic. A program is
 * lowered for this; it needs no weights and no device and does not count as a compilation.
 * @throws CompileError for a program that cannot be lowered; UnavailableError for a kernel of another device
 */
export function describePlan(
  subject: CompiledKernel | Program | string,
  { numerics = "fp16" }: Pick<DeviceOptions, "numerics"> = {},
): string {
  if (subject instanceof CpuKernel) return subject.describe();
  if (typeof subject !== "string" && "evaluate" in subject) throw withoutPlan("describePlan");
  const program = typeof subject === "string" ? parseSource("describePlan", subject) : subject;
  return formatPlan(makePlan("describePlan", program, numerics));
}

/**
 * The same with the shortest time that each step took, in milliseconds, and its GFLOP/s. Runs the kernel `rounds` times.
 * @throws what `evaluate` throws; UnavailableError for a kernel of another device
 */
export function profilePlan(kernel: CompiledKernel, bindings: Bindings, rounds = 20): string {
  if (!(kernel instanceof CpuKernel)) throw withoutPlan("profilePlan");
  return kernel.profile(bindings, rounds);
}

function withoutPlan(where: string): UnavailableError {
  return new UnavailableError(
    `${where}: only kernels of the cpu device have a plan, got a kernel of another device. Pass its program to describePlan.`,
  );
}

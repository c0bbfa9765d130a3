/** Gradients of a derived layer against finite differences of its own forward kernel, along random directions, in float64. */
import { expect } from "vitest";
import type { TrainingKernels } from "../../../src/autodiff/index.js";
import { dot, uniform } from "../../kernels/fixtures.js";
import { type LayerValues, runForward, runTraining } from "./run-training.js";

const STEP = 1e-4;
const DIRECTIONS = 2;

/** @param layer Derived in fp32, with the gradients of all inputs. @param tolerance Of the gradient's length along a direction. */
export function checkDerivatives(
  layer: TrainingKernels,
  values: LayerValues,
  tolerance = 1e-6,
): void {
  const { gradients, parameterGradients } = runTraining(layer, values);
  const loss = (changed: Omit<LayerValues, "seeds">) =>
    Object.entries(runForward(layer, changed)).reduce(
      (sum, [name, output]) => sum + dot(output, values.seeds[name]!),
      0,
    );
  const check = (kind: "inputs" | "parameters", name: string, gradient: Float64Array) => {
    const at = values[kind][name]!;
    const scale = Math.sqrt(dot(gradient, gradient));
    for (let index = 0; index < DIRECTIONS; index++) {
      const direction = uniform(at.length, 1, 1000 + index);
      // Constants are fp32: what was moved is what is left after rounding.
      const moved = (step: number) =>
        at.map((value, i) => Math.fround(value + step * direction[i]!));
      const [up, down] = [moved(STEP), moved(-STEP)];
      const lossAt = (value: Float64Array) =>
        loss({ ...values, [kind]: { ...values[kind], [name]: value } });
      const expected = lossAt(up) - lossAt(down);
      const actual = dot(
        gradient,
        up.map((value, i) => value - down[i]!),
      );
      expect(Math.abs(actual - expected) / (2 * STEP * scale), name).toBeLessThan(tolerance);
    }
  };
  for (const [name, gradient] of Object.entries(gradients)) check("inputs", name, gradient);
  for (const [name, gradient] of Object.entries(parameterGradients))
    check("parameters", name, gradient);
}

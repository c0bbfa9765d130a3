/**
 * As few backward kernels as the verifier accepts. With one cut, the cheapest place that it accepts; with more, each time the cheapest
 * place at which the kernel behind it is accepted.
 */
import type { Operation } from "../../program.js";
import type { Diagnostic } from "../../verify/diagnostic.js";
import { DeriveError } from "./derive-error.js";
import { type KernelsPlan, type PlanProblem, planKernels } from "./plan-kernels.js";

/** A plan, and which kernel does an op. */
export interface Split {
  readonly plan: KernelsPlan;
  readonly kernelOf: (operation: Operation) => number;
}

/**
 * @param findings What is wrong with the backward kernel of that index; nothing if it is accepted.
 * @param isStrict Whether kernels that are not accepted, wherever they are cut, are refused; otherwise they stay one.
 */
export function splitBackward(
  name: string,
  problem: PlanProblem,
  findings: (plan: KernelsPlan, kernel: number) => readonly Diagnostic[],
  isStrict: boolean,
): Split {
  const { graph } = problem;
  const whole = splitAt(problem, []);
  if (whole === undefined) throw crossing(name);
  const wrong = findings(whole.plan, 0);
  if (wrong.length === 0) return whole;

  const positions = [...whole.plan.backward[0]!.feeds.computed]
    .filter(({ outputs }) => outputs.some((value) => graph.isFromSeeds(value.name)))
    .map((operation) => graph.position(operation))
    .sort((a, b) => a - b);
  let cuts: readonly number[] = [];
  for (;;) {
    const before = cuts[0] ?? Number.POSITIVE_INFINITY;
    const candidates = positions
      .filter((position) => position > positions[0]! && position < before)
      .map((position) => splitAt(problem, [position, ...cuts]))
      .filter((split) => split !== undefined)
      .sort((a, b) => a.plan.milliseconds - b.plan.milliseconds);
    const isLastAccepted = (split: CutSplit) => findings(split.plan, 1).length === 0;
    const complete = candidates.find(
      (split) => isLastAccepted(split) && findings(split.plan, 0).length === 0,
    );
    if (complete !== undefined) return complete;
    // The kernel behind the cut as long as possible: what is left is then the shortest.
    const next = candidates.filter(isLastAccepted).sort((a, b) => a.cuts[0]! - b.cuts[0]!)[0];
    if (next === undefined) {
      if (!isStrict) return whole;
      throw new DeriveError(
        "device",
        `${name}: a backward kernel must keep the chip's rules, got ${wrong.map(({ where, message }) => `${where}: ${message}`).join("; ")}, wherever it is cut. ${wrong[0]!.remedy}`,
        wrong,
      );
    }
    cuts = next.cuts;
  }
}

interface CutSplit extends Split {
  readonly cuts: readonly number[];
}

/** @param cuts Positions of the ops with which a further kernel begins, ascending. */
function splitAt(problem: PlanProblem, cuts: readonly number[]): CutSplit | undefined {
  const kernelOf = (operation: Operation) => {
    const position = problem.graph.position(operation);
    return cuts.filter((cut) => cut <= position).length;
  };
  const plan = planKernels(problem, cuts.length + 1, kernelOf);
  return plan && idleKernel(plan) === undefined ? { plan, kernelOf, cuts } : undefined;
}

/** The split that the caller asked for: a kernel ends where the gradients of the next list are there. */
export function splitAsAsked(
  name: string,
  problem: PlanProblem,
  groups: readonly (readonly string[])[],
): Split {
  const { graph } = problem;
  const kernels = new Map<Operation, number>();
  const assign = (tensor: string, kernel: number): void => {
    const operation = graph.origin(tensor);
    if (operation === undefined || kernels.has(operation)) return;
    kernels.set(operation, kernel);
    for (const read of graph.tensorsRead(operation)) assign(read, kernel);
  };
  groups.forEach((group, kernel) => {
    for (const tensor of group) assign(tensor, kernel);
  });
  const kernelOf = (operation: Operation) => kernels.get(operation) ?? groups.length;
  const plan = planKernels(problem, groups.length + 1, kernelOf);
  if (plan === undefined) throw crossing(name);
  const idle = idleKernel(plan);
  if (idle === undefined) return { plan, kernelOf };
  throw new DeriveError(
    "layer",
    `${name}: every backward kernel has something to compute, got a cut with which kernel ${idle} has nothing. Leave it out of "cutAfter", or name other values.`,
  );
}

/** The first of several kernels that computes nothing: it would hand on what it is given, or what it computes costs less in the next. */
function idleKernel({ backward }: KernelsPlan): number | undefined {
  const idle = backward.findIndex(({ feeds }) => feeds.computed.size === 0);
  return backward.length > 1 && idle >= 0 ? idle : undefined;
}

function crossing(name: string): DeriveError {
  return new DeriveError(
    "layer",
    `${name}: what crosses between kernels is rows of S elements, got a tensor that is needed and is not. Cut elsewhere, or leave its operands savable.`,
  );
}

/**
 * Forward pass and gradients of a layer in one function. Its outputs are the layer's, and `d_<name>` for each gradient that is
 * asked for. What the gradient of a parameter is made of is found by looking at the ops that compute it.
 */
import { DEFAULT_PASSES, runPasses } from "../../passes/run-passes.js";
import type { MilFunction, Program, Value } from "../../program.js";
import { elementCount, tensor } from "../../tensor-type.js";
import { GradientError } from "../gradient-error.js";
import { jointGraph } from "../joint-graph.js";
import { DeriveError } from "./derive-error.js";
import { forwardProgram } from "./forward-program.js";
import { gradientName, gradientRowsName, seedName } from "./gradient-names.js";
import { tidyGradients } from "./tidy-gradients.js";
import type { DeriveOptions, LayerDefinition } from "./types.js";

/** A layer's ops and gradients, and under which names they are found. */
export interface JointProgram {
  readonly header: Omit<Program, "functions">;
  readonly main: MilFunction;
  /** Names of everything that the forward pass computes. */
  readonly forwardNames: readonly string[];
  /** Names of the layer's outputs. */
  readonly outputs: readonly string[];
  /** Names of the inputs that bring the gradients of the outputs, by output. */
  readonly seeds: ReadonlyMap<string, string>;
  /** Names of values that hold gradients, by what they are gradients of. */
  readonly gradients: ReadonlyMap<string, string>;
  /** Gradients of parameters once more, as rows of S elements. */
  readonly rows: ReadonlyMap<string, string>;
}

/** @throws DeriveError, GradientError */
export function jointProgram(layer: LayerDefinition, options: DeriveOptions): JointProgram {
  const program = forwardProgram(layer, options);
  const { frozen = [], cutAfter = [], gradients: asked = Object.keys(layer.inputs) } = options;
  const parameters = Object.keys(layer.parameters).filter((name) => !frozen.includes(name));
  const wrt = [...new Set([...asked, ...parameters, ...cutAfter.flat()])];
  const outputs = program.functions[0]!.outputs.map(({ name }) => name);
  const seeds = new Map(outputs.map((name) => [name, seedName(name)]));
  const joint = inLayer(layer.name, () =>
    jointGraph(program, {
      seeds: Object.fromEntries(seeds),
      wrt,
      ...(options.rules === undefined ? {} : { rules: options.rules }),
    }),
  );
  const ports: Record<string, Value> = Object.fromEntries(
    joint.forward.outputs.map((value) => [value.name, value as Value]),
  );
  // Passes leave alone what is returned: values that the options name are still there afterwards.
  const named = new Set([...(options.save ?? []), ...(options.recompute ?? [])]);
  for (const { outputs: values } of joint.forward.operations) {
    for (const value of values) if (named.has(value.name)) ports[value.name] = value as Value;
  }
  const gradients = new Map<string, string>();
  const rows = new Map<string, string>();
  for (const name of wrt) {
    const gradient = joint.gradientOf.get(name);
    if (gradient === undefined) throw noGradient(layer.name, name, joint.endOf(name));
    gradients.set(name, gradientName(name));
    ports[gradientName(name)] = gradient;
  }
  for (const name of parameters) {
    const port = gradientRowsName(name);
    ports[port] = asRows(joint.f, joint.gradientOf.get(name)!, options.seqLen);
    rows.set(name, port);
  }
  const { functions, ...header } = runPasses(joint.finish(ports), [
    tidyGradients,
    ...DEFAULT_PASSES,
  ]);
  const forwardNames = joint.forward.operations
    .filter(({ type }) => type !== "const")
    .flatMap((operation) => operation.outputs.map(({ name }) => name));
  return { header, main: functions[0]!, forwardNames, outputs, seeds, gradients, rows };
}

/** The elements of a value in rows of S, [1, n, 1, S], the last one filled up with zeros. */
function asRows(f: ReturnType<typeof jointGraph>["f"], value: Value, S: number): Value {
  const count = elementCount(value.type.shape);
  const n = Math.ceil(count / S);
  const missing = n * S - count;
  if (missing === 0) return f.reshape({ x: value, shape: [1, n, 1, S] });
  const line = f.reshape({ x: value, shape: [1, 1, 1, count] });
  const type = tensor(value.type.dtype, [1, 1, 1, missing]);
  const zeros = f.constant("zeros", type, new Float64Array(missing));
  const filled = f.concat({ values: [line, zeros], axis: 3, interleave: false });
  return n === 1 ? filled : f.reshape({ x: filled, shape: [1, n, 1, S] });
}

/** Names the layer in errors about its ops. */
function inLayer<T>(name: string, derive: () => T): T {
  try {
    return derive();
  } catch (error) {
    if (!(error instanceof GradientError)) throw error;
    throw new GradientError(error.code, `layer "${name}", ${error.reason}`, error);
  }
}

/** @param end The op that the gradient ends at. */
function noGradient(layer: string, name: string, end: string | undefined): DeriveError {
  const [why, remedy] =
    end === undefined
      ? ["no output depends on it", "Use it"]
      : [`it ends at ${end}`, 'Give that op a rule in "rules"'];
  return new DeriveError(
    "no_gradient",
    `${layer}: a gradient reaches every value that it is asked of, got none of "${name}": ${why}. ${remedy}, name it in "frozen", or leave it out of "gradients".`,
  );
}

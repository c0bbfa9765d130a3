/** Gradients of a program's values as a program. */
import { removeDeadCode } from "../passes/dead-code.js";
import type { Program, Value } from "../program.js";
import { tensor } from "../tensor-type.js";
import { GradientError } from "./gradient-error.js";
import { type JointGraph, jointGraph } from "./joint-graph.js";
import { FLAG, NAMES, type OptionRules, required, TEXT, wrongOption } from "./option-rules.js";
import { OWN_RULES } from "./own-rules.js";
import { spread } from "./spread.js";
import type { Rules } from "./vjp.js";

/** What `grad` differentiates, and how. */
export interface GradOptions {
  /** Name of the value that is differentiated. */
  readonly of: string;
  /** Names of the values with respect to which: inputs, constants, intermediate results. */
  readonly wrt: readonly string[];
  /** Which function of the program. Default "main". */
  readonly function?: string;
  /** Name of the input to add for the gradient of `of`. Default: none, it is 1, which takes a value of one element. */
  readonly seed?: string;
  /** Rules in place of or beside those of the table, by op type. */
  readonly rules?: Rules;
  /** The forward function's outputs, too. Default false. */
  readonly keepOutputs?: boolean;
  /** What stands before a value's name in the name of its gradient. Default "d_". */
  readonly prefix?: string;
}

const OPTIONS: OptionRules<GradOptions> = {
  of: required(TEXT),
  wrt: required(NAMES),
  function: TEXT,
  seed: TEXT,
  rules: OWN_RULES,
  keepOutputs: FLAG,
  prefix: TEXT,
};

/**
 * The function that computes the gradients `d_<wrt>` of `of`, in the order of `wrt`: its inputs are those of the forward function,
 * and the seed if there is one. Gradients have the types of their values.
 * @throws GradientError if an option is wrong, an op has no rule, a name or a dim is unknown, or a seed is missing
 */
export function grad(program: Program, options: GradOptions): Program {
  const wrong = wrongOption(options, OPTIONS);
  if (wrong !== undefined) throw new GradientError("option", wrong);
  const { of, wrt, seed = null, keepOutputs = false, prefix = "d_", rules } = options;
  const joint = jointGraph(program, {
    seeds: { [of]: seed },
    wrt,
    ...(options.function === undefined ? {} : { function: options.function }),
    ...(rules === undefined ? {} : { rules }),
  });
  const kept = keepOutputs ? joint.forward.outputs.map((value) => [value.name, value]) : [];
  const gradients = wrt.map((name) => [`${prefix}${name}`, gradientOrZero(joint, name)]);
  return removeDeadCode(joint.finish(Object.fromEntries([...kept, ...gradients])));
}

function gradientOrZero({ f, gradientOf, find }: JointGraph, name: string): Value {
  const { dtype, shape } = (find(name) as Value).type;
  const zero = () =>
    f.constant(
      "zero",
      tensor(
        dtype,
        shape.map(() => 1),
      ),
      [0],
    );
  return gradientOf.get(name) ?? spread(f, zero(), shape);
}

/**
 * Reverse mode on programs: the ops of a function, followed by those that compute gradients of some of its values from the
 * gradients of others. What `grad` and everything that trains is made of.
 */
import { operandsOf } from "../arguments.js";
import type { FunctionBuilder, FunctionOutputs } from "../builder.js";
import { finishFunction } from "../function-outputs.js";
import { FunctionScope } from "../function-scope.js";
import { substitute } from "../passes/pass.js";
import type { AnyValue, MilFunction, Program, Value } from "../program.js";
import { GradientError } from "./gradient-error.js";
import { JOINT_OPTIONS, type JointOptions } from "./joint-options.js";
import { wrongOption } from "./option-rules.js";
import { Reverse } from "./reverse.js";

/** A forward function with the ops of its gradients behind it. */
export interface JointGraph {
  /** The forward function; its values are values of the joint function, too. */
  readonly forward: MilFunction;
  /** Appends further ops to the joint function. */
  readonly f: FunctionBuilder;
  /** Given gradients, by the name of the value that they belong to. */
  readonly seeds: ReadonlyMap<string, Value>;
  /** Gradients by the name in `wrt`, each of the shape of its value; none where it is exactly zero. */
  readonly gradientOf: ReadonlyMap<string, Value>;
  /** Why the gradient of a value in `wrt` is zero: the op that it ends at, as messages name it; undefined if nothing depends on the value. */
  endOf(name: string): string | undefined;
  /** The value of that name in the forward function. @throws GradientError */
  find(name: string): AnyValue;
  /** The program of the joint function alone, which is then complete. Outputs may be values of the forward part, gradients, or what `f` appended. */
  finish(outputs: FunctionOutputs): Program;
}

/** Appends the gradients of `wrt` to a function. @throws GradientError */
export function jointGraph(program: Program, options: JointOptions): JointGraph {
  const wrong = wrongOption(options, JOINT_OPTIONS);
  if (wrong !== undefined) throw new GradientError("option", wrong);
  const forward = forwardFunction(program, options.function ?? "main");
  const scope = new FunctionScope(forward.opset);
  scope.adopt(forward);
  const reverse = new Reverse(forward, scope, options);
  reverse.run();
  return {
    forward,
    f: reverse.f,
    seeds: reverse.seeds,
    gradientOf: reverse.gradients(),
    endOf: (name) => reverse.endOf(name),
    find: (name) => reverse.find(name),
    finish(outputs) {
      const { attributes } = forward;
      const joint = finishFunction(scope, forward.name, outputs);
      return {
        ...program,
        functions: [attributes === undefined ? joint : { ...joint, attributes }],
      };
    },
  };
}

/** The function, in which every mention of a value is the same object. */
function forwardFunction(program: Program, wanted: string): MilFunction {
  const main = program.functions.find(({ name }) => name === wanted);
  if (main === undefined) {
    const known = program.functions.map(({ name }) => name).join(", ");
    throw new GradientError(
      "unknown_value",
      `the program has the functions ${known}, got "${wanted}". Name one of them.`,
    );
  }
  const values = new Map<string, AnyValue>(main.inputs.map((value) => [value.name, value]));
  const operations = main.operations.map((operation) => {
    const isShared = operandsOf(operation).every((value) => values.get(value.name) === value);
    for (const value of operation.outputs) values.set(value.name, value);
    return isShared && operation.blocks === undefined ? operation : substitute(operation, values);
  });
  return { ...main, operations, outputs: main.outputs.map(({ name }) => values.get(name)!) };
}

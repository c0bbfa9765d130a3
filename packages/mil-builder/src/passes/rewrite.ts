/**
 * One walk over a function in execution order, in which a rule looks at every op. By the time an op is shown, its arguments
 * are the rewritten ones. Ops inside blocks are not shown, but read what stands in for the values around them.
 */
import { nameAttribute } from "../function-scope.js";
import { NameScope } from "../names.js";
import type {
  AnyValue,
  Argument,
  Immediate,
  Literal,
  MilFunction,
  Operation,
  Opset,
} from "../program.js";
import { substitute } from "./pass.js";

/** What becomes of an op. Results that the function returns are still computed: their names are ports. */
export interface Rewrite {
  /** Earlier values that later ops read in place of the results. The op is then dropped, unless a result is returned. */
  readonly values?: readonly AnyValue[];
  /** Ops in place of this one, with the same results. Default: the op as it is. */
  readonly operations?: readonly Operation[];
}

export const KEEP: Rewrite = {};

/** The rewritten function so far. */
export class RewriteScope {
  readonly opset: Opset;
  readonly #outputs: ReadonlySet<string>;
  readonly #producers = new Map<string, Operation>();
  readonly #names = new NameScope();

  constructor(main: MilFunction) {
    this.opset = main.opset;
    this.#outputs = new Set(main.outputs.map(({ name }) => name));
    for (const name of namesOf(main)) if (!this.#names.has(name)) this.#names.claim(name, "pass");
  }

  /** True if the function returns a result of the op. */
  isReturned({ outputs }: Operation): boolean {
    return outputs.some(({ name }) => this.#outputs.has(name));
  }

  /** The op that computes an argument; undefined for function inputs and inline constants. */
  producer(argument: Argument | undefined): Operation | undefined {
    return argument?.kind === "value" ? this.#producers.get(argument.value.name) : undefined;
  }

  /** The literal that an argument is or names. */
  literal(argument: Argument | undefined): Literal | undefined {
    if (argument?.kind === "literal") return argument;
    const producer = this.producer(argument);
    const val = producer?.type === "const" ? producer.attributes.val : undefined;
    return val?.kind === "literal" ? val : undefined;
  }

  /** A const op under a name that nothing else has. */
  constant(wish: string, val: Immediate): Operation {
    return constantOperation({ name: this.#names.unique(wish), type: val.type }, val);
  }

  /** A name that nothing else has. */
  name(wish: string): string {
    return this.#names.unique(wish);
  }

  append(operation: Operation): void {
    for (const { name } of operation.outputs) this.#producers.set(name, operation);
  }
}

/** A const op that defines `value`. */
export function constantOperation(value: AnyValue, val: Immediate): Operation {
  const attributes = { name: nameAttribute(value.name), val };
  return { type: "const", inputs: {}, attributes, outputs: [value] };
}

export function rewriteFunction(
  main: MilFunction,
  rule: (operation: Operation, scope: RewriteScope) => Rewrite,
): MilFunction {
  const scope = new RewriteScope(main);
  const substitution = new Map<string, AnyValue>();
  const operations: Operation[] = [];
  let changed = false;
  for (const original of main.operations) {
    const operation = substitute(original, substitution);
    const { values, operations: emitted = [operation] } = rule(operation, scope);
    values?.forEach((value, index) => {
      substitution.set(operation.outputs[index]!.name, value);
    });
    if (values !== undefined && !scope.isReturned(operation)) {
      changed = true;
      continue;
    }
    for (const next of emitted) scope.append(next);
    operations.push(...emitted);
    changed ||= emitted.length !== 1 || emitted[0] !== original;
  }
  return changed ? { ...main, operations } : main;
}

function namesOf({ inputs, operations }: MilFunction): string[] {
  const nested = (list: readonly Operation[]): AnyValue[] =>
    list.flatMap(({ outputs, blocks = [] }) => [
      ...outputs,
      ...blocks.flatMap((block) => [...block.inputs, ...nested(block.operations)]),
    ]);
  return [...inputs, ...nested(operations)].map(({ name }) => name);
}

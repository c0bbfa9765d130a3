/**
 * A function as a graph: ops that contribute to a result, in program order, with their operands resolved to values and
 * their compile-time parameters readable by name.
 */
import {
  type AnyConstant,
  type Argument,
  type BlobReference,
  type Literal,
  type LiteralElements,
  type MilFunction,
  type Operation,
  opDefinition,
  staticTypeOf,
  type TensorType,
} from "@ane/mil-builder";

export type Origin =
  /** Input number `port` of the function. */
  | { readonly kind: "port"; readonly port: number }
  | { readonly kind: "literal"; readonly literal: Literal }
  | { readonly kind: "blob"; readonly reference: BlobReference }
  | { readonly kind: "node"; readonly node: GraphNode };

export class GraphValue {
  readonly name: string;
  readonly type: TensorType;
  readonly origin: Origin;
  /** Nodes that read the value, each once. */
  readonly readers = new Set<GraphNode>();
  /** True if the function returns it. */
  returned = false;

  constructor(name: string, type: TensorType, origin: Origin) {
    this.name = name;
    this.type = type;
    this.origin = origin;
  }

  get shape(): readonly number[] {
    return this.type.shape;
  }

  /** The node that computes it. */
  get producer(): GraphNode | undefined {
    return this.origin.kind === "node" ? this.origin.node : undefined;
  }

  /** True if it depends on no input of the function. */
  get constant(): boolean {
    return this.origin.kind === "node" ? this.origin.node.constant : this.origin.kind !== "port";
  }

  /** True if one node reads it and nothing else does. */
  get singleUse(): boolean {
    return this.readers.size === 1 && !this.returned;
  }
}

type Operand = GraphValue | readonly GraphValue[];

export class GraphNode {
  readonly operation: Operation;
  readonly operands: Readonly<Record<string, Operand>>;
  readonly outputs: readonly GraphValue[];
  /** True if its results depend on no input of the function: it runs once, when a kernel is compiled. */
  readonly constant: boolean;

  constructor(operation: Operation, operands: Readonly<Record<string, Operand>>) {
    this.operation = operation;
    this.operands = operands;
    this.constant = this.inputs.every((value) => value.constant);
    this.outputs = operation.outputs.map(
      (output) => new GraphValue(output.name, staticTypeOf(output), { kind: "node", node: this }),
    );
  }

  get type(): string {
    return this.operation.type;
  }

  /** All values that the node reads, in the order of its arguments. */
  get inputs(): readonly GraphValue[] {
    return Object.values(this.operands).flat();
  }

  /** The first result. */
  get output(): GraphValue {
    return this.outputs[0]!;
  }

  has(parameter: string): boolean {
    return this.operands[parameter] !== undefined;
  }

  /** A required tensor operand. */
  value(parameter: string): GraphValue {
    return this.values(parameter)[0]!;
  }

  values(parameter: string): readonly GraphValue[] {
    const operand = this.operands[parameter];
    if (operand === undefined) return [];
    return operand instanceof GraphValue ? [operand] : operand;
  }

  /** A vector parameter; undefined where it is absent without a default, or computed by the program. */
  numbers(parameter: string): number[] | undefined {
    const elements = this.#elements(parameter);
    return elements && Array.from(elements as ArrayLike<unknown>, Number);
  }

  number(parameter: string): number | undefined {
    return this.numbers(parameter)?.[0];
  }

  flag(parameter: string): boolean {
    return this.#elements(parameter)?.[0] === true;
  }

  text(parameter: string): string | undefined {
    const element = this.#elements(parameter)?.[0];
    return element === undefined ? undefined : String(element);
  }

  #elements(parameter: string): LiteralElements | readonly unknown[] | undefined {
    const operand = this.operands[parameter];
    if (operand === undefined) {
      const fallback = opDefinition(this.type)?.inputs[parameter]?.fallback;
      if (fallback === undefined) return undefined;
      return Array.isArray(fallback) ? fallback : [fallback];
    }
    if (!(operand instanceof GraphValue) || operand.origin.kind !== "literal") return undefined;
    return operand.origin.literal.elements;
  }
}

export interface Graph {
  readonly function: MilFunction;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** In execution order; consts are values, not nodes. */
  readonly nodes: readonly GraphNode[];
}

/** The graph of the ops that the function's results depend on. The function must be well-formed. */
export function buildGraph(main: MilFunction): Graph {
  const values = new Map<string, GraphValue>();
  const inputs = main.inputs.map(
    (input, port) => new GraphValue(input.name, staticTypeOf(input), { kind: "port", port }),
  );
  for (const input of inputs) values.set(input.name, input);
  const needed = neededOperations(main);
  const nodes: GraphNode[] = [];
  for (const operation of main.operations) {
    if (!needed.has(operation)) continue;
    if (operation.type === "const") {
      const { name } = operation.outputs[0]!;
      values.set(name, constantValue(name, operation.attributes.val!));
      continue;
    }
    const operands = Object.entries(operation.inputs).map(
      ([parameter, argument]) => [parameter, resolve(argument, values)] as const,
    );
    const node = new GraphNode(operation, Object.fromEntries(operands));
    for (const value of node.inputs) value.readers.add(node);
    for (const output of node.outputs) values.set(output.name, output);
    nodes.push(node);
  }
  const outputs = main.outputs.map(({ name }) => values.get(name)!);
  for (const output of outputs) output.returned = true;
  return { function: main, inputs, outputs, nodes };
}

/** @throws TypeError for lists and dictionaries, which `checkProgram` has refused. */
function constantValue(name: string, constant: AnyConstant): GraphValue {
  if (constant.kind !== "literal" && constant.kind !== "blob") {
    throw new TypeError(`${name}: a constant must be a tensor, got a ${constant.kind}.`);
  }
  return constant.kind === "literal"
    ? new GraphValue(name, constant.type, { kind: "literal", literal: constant })
    : new GraphValue(name, constant.type, { kind: "blob", reference: constant });
}

function resolve(argument: Argument, values: ReadonlyMap<string, GraphValue>): Operand {
  switch (argument.kind) {
    case "value":
      return values.get(argument.value.name)!;
    case "tuple":
      return argument.items.flatMap((item) => resolve(item, values));
    default:
      return constantValue("", argument);
  }
}

/** Dead code elimination: the ops from which a result can be reached. */
function neededOperations(main: MilFunction): ReadonlySet<Operation> {
  const names = new Set(main.outputs.map(({ name }) => name));
  const needed = new Set<Operation>();
  for (const operation of [...main.operations].reverse()) {
    if (!operation.outputs.some(({ name }) => names.has(name))) continue;
    needed.add(operation);
    for (const argument of Object.values(operation.inputs)) addNames(argument, names);
  }
  return needed;
}

function addNames(argument: Argument, names: Set<string>): void {
  if (argument.kind === "value") names.add(argument.value.name);
  else if (argument.kind === "tuple") for (const item of argument.items) addNames(item, names);
}

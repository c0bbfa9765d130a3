/** A case as a program: its function inputs stay inputs, everything else becomes an inline constant. */
import { isCompileTime } from "../../src/arguments.js";
import {
  type AnyValue,
  type Argument,
  type Block,
  type DType,
  type Operation,
  type Opset,
  opDefinition,
  type Program,
  type TensorSource,
  type TensorType,
  UNKNOWN_DIM,
  type Value,
} from "../../src/index.js";
import { inferOperation } from "../../src/infer-operation.js";
import { makeLiteral } from "../../src/literal.js";
import { compatibleTypes, formatType, tensor } from "../../src/tensor-type.js";
import {
  type CaseArgument,
  type CaseBlock,
  type CaseOperation,
  type CaseTensor,
  type CaseType,
  caseNumber,
  type NamedCaseType,
  type OpCase,
} from "./op-case.js";

/** Types as the test declared them, or as its values have them, without unknown dims. */
export type Shapes = "declared" | "static";

export interface CaseProgram {
  readonly program: Program;
  readonly sources: Readonly<Record<string, TensorSource>>;
  /** SSA names whose values the case expects, in its order. */
  readonly results: readonly string[];
}

export function caseProgram(opCase: OpCase, opset: Opset, shapes: Shapes): CaseProgram {
  const writer = new Writer(opset, shapes);
  const results = opCase.single_op
    ? writer.single(opCase)
    : writer.several(opCase.program.inputs, opCase.program.ops, opCase.program.outputs);
  const { inputs, operations, sources } = writer;
  const outputs = operations.at(-1)!.outputs;
  const main = { name: "main", opset, inputs, operations, outputs };
  return {
    program: { version: "1.3", buildInfo: {}, functions: [main] },
    sources,
    results,
  };
}

/** Dtype and dims of a case's type. */
function caseType({ dtype, shape }: CaseType): TensorType {
  const name: DType = dtype === "str" ? "string" : dtype;
  return tensor(
    name,
    shape.map((dim) => dim ?? UNKNOWN_DIM),
  );
}

class Writer {
  readonly inputs: Value[] = [];
  readonly sources: Record<string, TensorSource> = {};
  readonly operations: Operation[] = [];
  readonly #opset: Opset;
  readonly #shapes: Shapes;
  readonly #values = new Map<string, AnyValue>();
  readonly #constants = new Map<string, undefined>();

  constructor(opset: Opset, shapes: Shapes) {
    this.#opset = opset;
    this.#shapes = shapes;
  }

  single(opCase: Extract<OpCase, { single_op: true }>): readonly string[] {
    const args: Record<string, Argument> = {};
    for (const [name, given] of Object.entries(opCase.inputs)) {
      if (given === null) continue;
      args[name] = isList(given)
        ? { kind: "tuple", items: given.map((item, index) => this.#given(`${name}${index}`, item)) }
        : this.#given(name, given);
    }
    const outputs = this.#append(this.operations, opCase.op, args, [], undefined);
    return opCase.outputs.map((declared, index) => {
      const value = outputs[declared.index ?? index]!;
      // For a negative begin, coremltools infers another extent than its own value has: the value is right.
      const expected = opCase.expected[index];
      const shape = expected === null || expected === undefined ? declared.shape : expected.shape;
      const symbolic = declared.shape.map((dim, axis) => (dim === null ? null : shape[axis]!));
      this.#checkType(opCase.op, value, { ...declared, shape: symbolic });
      return value.name;
    });
  }

  several(
    inputs: Readonly<Record<string, CaseTensor>>,
    ops: readonly CaseOperation[],
    outputs: readonly string[],
  ): readonly string[] {
    for (const [name, given] of Object.entries(inputs)) this.#input(name, given);
    for (const op of ops) this.#operation(this.operations, op);
    return outputs;
  }

  #operation(target: Operation[], { type, inputs, outputs, blocks }: CaseOperation): void {
    const args = Object.fromEntries(
      Object.entries(inputs).map(([name, given]) => [name, this.#argument(type, name, given)]),
    );
    const nested = (blocks ?? []).map((block) => this.#block(block));
    const values = this.#append(target, type, args, nested, outputs);
    values.forEach((value, index) => {
      this.#checkType(type, value, outputs[index]!);
    });
  }

  #block({ inputs, ops, outputs }: CaseBlock): Block {
    const values = inputs.map((given) => this.#value(given.name, caseType(given)));
    const operations: Operation[] = [];
    for (const op of ops) this.#operation(operations, op);
    return { inputs: values, operations, outputs: outputs.map((name) => this.#values.get(name)!) };
  }

  #append(
    target: Operation[],
    type: string,
    args: Readonly<Record<string, Argument>>,
    blocks: readonly Block[],
    names: readonly NamedCaseType[] | undefined,
  ): readonly AnyValue[] {
    const types = inferOperation({
      definition: opDefinition(type, this.#opset)!,
      where: type,
      opset: this.#opset,
      arguments: args,
      constants: this.#constants,
      blocks,
    });
    const outputs = types.map((result, index) =>
      this.#value(names?.[index]?.name ?? `${type}_${index}`, result),
    );
    if (isCompileTime(type)) {
      for (const { name } of outputs) this.#constants.set(name, undefined);
    }
    const operation = { type, inputs: args, attributes: {}, outputs };
    target.push(blocks.length === 0 ? operation : { ...operation, blocks });
    return outputs;
  }

  #argument(op: string, name: string, given: CaseArgument): Argument {
    if ("ref" in given) return { kind: "value", value: this.#values.get(given.ref)! };
    if ("const" in given) return literal(given.const);
    return { kind: "tuple", items: given.map((item) => this.#argument(op, name, item)) };
  }

  #given(name: string, given: CaseTensor): Argument {
    return given.type_shape === undefined
      ? literal(given)
      : { kind: "value", value: this.#input(name, given) };
  }

  #input(name: string, given: CaseTensor): Value {
    const declared = { ...given, shape: given.type_shape ?? given.shape };
    // A test may give a scalar to a function that takes [1].
    const actual = given.shape.length === 0 ? caseType(declared) : caseType(given);
    const value = this.#value(name, this.#shapes === "static" ? actual : caseType(declared));
    this.inputs.push(value);
    this.sources[name] = { type: actual, data: given.data.map(caseNumber) };
    return value;
  }

  #value<T extends AnyValue["type"]>(name: string, type: T): { name: string; type: T } {
    const value = { name, type };
    this.#values.set(name, value);
    return value;
  }

  #checkType(op: string, { type }: AnyValue, declared: CaseType): void {
    const expected = caseType(declared);
    if (!compatibleTypes(type, expected)) {
      throw new Error(`${op} has type ${formatType(expected)}, inferred ${formatType(type)}`);
    }
  }
}

function literal(given: CaseTensor): Argument {
  const type = caseType(given);
  const isPlain = type.dtype === "string" || type.dtype === "bool";
  const elements = isPlain ? given.data : given.data.map(caseNumber);
  return makeLiteral(type, elements as readonly number[], "case");
}

function isList(given: CaseTensor | readonly CaseTensor[]): given is readonly CaseTensor[] {
  return Array.isArray(given);
}

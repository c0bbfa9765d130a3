/**
 * Op-level cases of coremltools' unit tests: inferred types must be equal, and values within the case's own tolerance of what
 * the test's author expected.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { inferOperation } from "../src/bind-inputs.js";
import { roundToDType } from "../src/float-format.js";
import {
  type Argument,
  type DType,
  interpret,
  type Opset,
  opDefinition,
  type Program,
  type TensorSource,
  tensor,
  type Value,
} from "../src/index.js";
import { makeLiteral } from "../src/literal.js";
import type { Tensor } from "../src/tensor.js";
import { externalData } from "./fixtures.js";

interface CaseType {
  readonly dtype: DType | "str";
  /** null where coremltools' shape was symbolic. */
  readonly shape: readonly (number | null)[];
  /** Which result of the op this is, if not all are listed. */
  readonly index?: number;
}

interface CaseTensor extends CaseType {
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
  /** Present: the tensor was an input of the function and not a constant. */
  readonly type_shape?: readonly unknown[];
}

interface OpCase {
  readonly id: number;
  readonly op: string;
  readonly single_op: boolean;
  readonly opsets: readonly Opset[];
  readonly inputs: Readonly<Record<string, CaseTensor | readonly CaseTensor[] | null>>;
  readonly outputs: readonly CaseType[];
  readonly expected: readonly (CaseTensor | null)[];
  readonly rtol: number;
  readonly atol: number;
}

const path = externalData("mil", "coremltools-op-cases.json.gz");
const cases: readonly OpCase[] =
  path === undefined ? [] : JSON.parse(gunzipSync(readFileSync(path)).toString("utf8")).cases;

describe.skipIf(path === undefined)("op cases of coremltools", () => {
  const ours = cases.filter(({ op, single_op }) => single_op && opDefinition(op) !== undefined);
  const ops = [...new Set(ours.map(({ op }) => op))];
  it.each(ops)("%s", (op) => {
    for (const opCase of ours) if (opCase.op === op) check(opCase);
  });
});

function check(opCase: OpCase): void {
  const where = `${opCase.op} case ${opCase.id}`;
  const results = run(opCase, where);
  // Authors computed before weights were rounded to fp16, or rounded sums before adding a bias.
  const precision = JSON.stringify(opCase).includes(`"dtype":"fp16"`) ? 2 ** -10 : 0;
  opCase.expected.forEach((wanted, index) => {
    const { index: position = index, dtype, shape } = opCase.outputs[index]!;
    const { type, data } = results[position]!;
    // For a negative begin, coremltools infers another extent than its own value has; the value is right.
    const inferred = shape.map((dim, axis) => dim ?? type.shape[axis]!);
    expect(type, where).toEqual({ kind: "tensor", dtype, shape: wanted?.shape ?? inferred });
    if (wanted === null) return;
    const largest = Math.max(...wanted.data.map((value) => Math.abs(Number(value))));
    const slack = precision === 0 ? 0 : precision * largest;
    wanted.data.forEach((value, i) => {
      const target = roundToDType(Number(value), type.dtype);
      if (Object.is(data[i], target) || data[i] === target) return;
      const tolerance = opCase.atol + opCase.rtol * Math.abs(target) + slack;
      expect(Math.abs(data[i]! - target), `${where}, element ${i}`).toBeLessThanOrEqual(tolerance);
    });
  });
}

/** The results of a program of this one op, whose tensors are function inputs or inline constants as in the case. */
function run(opCase: OpCase, where: string): readonly Tensor[] {
  const definition = opDefinition(opCase.op)!;
  const opset = opCase.opsets[0]!;
  const inputs: Value[] = [];
  const sources: Record<string, TensorSource> = {};
  const argument = (name: string, given: CaseTensor): Argument => {
    const dtype = given.dtype === "str" ? "string" : given.dtype;
    const type = tensor(dtype, given.shape);
    if (given.type_shape === undefined || definition.inputs[name]!.kind === "integers") {
      const isText = dtype === "string" || dtype === "bool";
      const elements = isText ? given.data : given.data.map(Number);
      return makeLiteral(type, elements as readonly number[], where);
    }
    const value = { name: `in${inputs.length}`, type };
    inputs.push(value);
    sources[value.name] = { type, data: given.data.map(Number) };
    return { kind: "value", value };
  };
  const args: Record<string, Argument> = {};
  for (const [name, given] of Object.entries(opCase.inputs)) {
    if (given === null) continue;
    args[name] = isList(given)
      ? { kind: "tuple", items: given.map((item) => argument(name, item)) }
      : argument(name, given);
  }
  const types = inferOperation({ definition, where, opset, arguments: args, constants: new Map() });
  const outputs = types.map((type, index) => ({ name: `out${index}`, type }));
  const operations = [{ type: opCase.op, inputs: args, attributes: {}, outputs }];
  const main = { name: "main", opset, inputs, operations, outputs };
  const program: Program = { version: "1.3", buildInfo: {}, functions: [main] };
  const results = interpret(program, sources, { numerics: "fp16" });
  return outputs.map(({ name }) => results[name]!);
}

function isList(given: CaseTensor | readonly CaseTensor[]): given is readonly CaseTensor[] {
  return Array.isArray(given);
}

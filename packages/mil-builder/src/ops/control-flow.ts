/**
 * Constants, selection, branches and loops. Source: coremltools iOS15 control_flow.py. The interpreter itself runs the blocks of
 * `cond` and `while_loop`.
 */
import { broadcastTo } from "../evaluate/strided.js";
import { anyInput, anyTuple, conditionInput, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import type { Block, ValueType } from "../program.js";
import {
  compatibleTypes,
  elementCount,
  formatShape,
  formatType,
  sameShape,
  tensor,
} from "../tensor-type.js";
import { broadcastShapes } from "./shape-rules.js";

const BOOLEAN = { C: { domain: ["bool"] } } as const;

/** A value written in the program or stored in a blob file. */
export const constant = defineOp({
  type: "const",
  summary: "a value written in the program or stored in a blob file",
  since: "ios15",
  types: {},
  inputs: { val: anyInput() },
  inAttributes: true,
  infer: ({ val }) => val,
  evaluate: ({ val }, [out]) => out.data.set(val.data),
});

/** cond ? a : b, element by element. */
const select = defineOp({
  type: "select",
  summary: "cond ? a : b, element by element",
  since: "ios15",
  types: { ...BOOLEAN, T: { domain: [...FLOATS, "bool", "int32"] } },
  inputs: { cond: conditionInput("C"), a: tensorInput("T"), b: tensorInput("T") },
  infer: ({ cond, a, b }, scope) => {
    // coremltools infers the shape of a and b alone; a condition beyond it would change the result's shape at run time.
    const shape = broadcastShapes(a.shape, b.shape, scope);
    if (!sameShape(broadcastShapes(cond.shape, shape, scope), shape)) {
      const rule = '"cond" must broadcast to the common shape of a and b';
      throw scope.error(rule, formatShape(shape), formatShape(cond.shape));
    }
    return tensor(a.dtype, shape);
  },
  evaluate: ({ cond, a, b }, [out]) => {
    const condition = broadcastTo(cond, out.type.shape);
    const yes = broadcastTo(a, out.type.shape);
    const no = broadcastTo(b, out.type.shape);
    for (let i = 0; i < out.data.length; i++) {
      out.data[i] = condition[i] !== 0 ? yes[i]! : no[i]!;
    }
  },
});

/** The op's two blocks. */
function blocksOf(names: string, scope: InferScope): readonly [Block, Block] {
  const [first, second] = scope.blocks;
  if (first === undefined || second === undefined || scope.blocks.length > 2) {
    throw scope.error(`the op has two blocks, ${names}`, "2", `${scope.blocks.length}`);
  }
  return [first, second];
}

function typesOf(values: Block["outputs"]): readonly ValueType[] {
  return values.map(({ type }) => type);
}

function checkTypes(
  rule: string,
  expected: readonly ValueType[],
  actual: readonly ValueType[],
  scope: InferScope,
): void {
  const fits =
    expected.length === actual.length &&
    expected.every((type, index) => compatibleTypes(type, actual[index]!));
  if (!fits) {
    throw scope.error(rule, expected.map(formatType).join(", "), actual.map(formatType).join(", "));
  }
}

const cond = defineOp({
  type: "cond",
  summary: "the results of the first block if pred is true, else those of the second",
  since: "ios15",
  types: BOOLEAN,
  inputs: { pred: conditionInput("C") },
  infer: ({ pred }, scope): readonly ValueType[] => {
    if (elementCount(pred.shape) > 1) {
      throw scope.error('"pred" must be one boolean', "a scalar", formatType(pred));
    }
    const [yes, no] = blocksOf("then and else", scope);
    const types = typesOf(yes.outputs);
    checkTypes(
      "both blocks must have results of the same types",
      types,
      typesOf(no.outputs),
      scope,
    );
    return types;
  },
  results: ["results of the blocks"],
  inInterpreter: true,
});

const whileLoop = defineOp({
  type: "while_loop",
  summary: "loop_vars after the second block as long as the first gives true",
  since: "ios15",
  types: {},
  inputs: { loop_vars: anyTuple() },
  infer: ({ loop_vars }, scope): readonly ValueType[] => {
    const [condition, body] = blocksOf("condition and body", scope);
    const [going, ...more] = typesOf(condition.outputs);
    const isBoolean = going?.kind === "tensor" && going.dtype === "bool" && more.length === 0;
    if (!isBoolean || elementCount(going.shape) > 1) {
      const actual = typesOf(condition.outputs).map(formatType).join(", ");
      throw scope.error("the condition must give one boolean", "bool", actual);
    }
    for (const block of [condition, body]) {
      const rule = "the inputs of the blocks must have the types of loop_vars";
      checkTypes(rule, loop_vars, typesOf(block.inputs), scope);
    }
    const types = typesOf(body.outputs);
    checkTypes("the body must keep the types of loop_vars", typesOf(body.inputs), types, scope);
    return types;
  },
  results: ["loop_vars"],
  inInterpreter: true,
});

export const CONTROL_FLOW_OPS = { cond, select, while_loop: whileLoop } as const;

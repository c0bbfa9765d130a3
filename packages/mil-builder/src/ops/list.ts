/** Lists of tensors of one type, as loops use them. Source: coremltools iOS15 control_flow.py. */
import { choice, count, dimTuple, flag, listInput, optional, tensorInput } from "../input-spec.js";
import { defineOp, type InferScope, isComputed } from "../op-definition.js";
import { type DType, type ListType, type TensorType, UNKNOWN_DIM } from "../program.js";
import {
  compatibleTypes,
  dimsAgree,
  formatShape,
  formatType,
  scalar,
  tensor,
} from "../tensor-type.js";

const DTYPES = ["fp16", "fp32", "bool", "int32"] as const satisfies readonly DType[];
const INDEX = { domain: ["int32"] } as const;
const REFUSED = "lists change their length while the program runs";

/** What the list holds. */
function elementOf({ element }: ListType, scope: InferScope): TensorType {
  if (element.kind === "tensor") return element;
  throw scope.error('"ls" must be a list of tensors', "list<tensor>", formatType(element));
}

function checkScalarIndex(index: TensorType, scope: InferScope): void {
  if (index.shape.length > 0) {
    throw scope.error('"index" must be a scalar', "a scalar", formatType(index));
  }
}

function checkElement(ls: ListType, value: TensorType, scope: InferScope): void {
  const element = elementOf(ls, scope);
  if (!compatibleTypes(element, value)) {
    const rule = '"value" must have the type of the list\'s elements';
    throw scope.error(rule, formatType(element), formatType(value));
  }
}

function vectorLength(indices: TensorType, scope: InferScope): number {
  if (indices.shape.length === 1) return indices.shape[0]!;
  throw scope.error('"indices" must be a vector', "rank 1", formatType(indices));
}

const makeList = defineOp({
  type: "make_list",
  summary: "a list of init_length tensors of elem_shape",
  since: "ios15",
  types: {},
  inputs: {
    init_length: optional(count(), 1),
    dynamic_length: optional(flag(), true),
    elem_shape: dimTuple(),
    dtype: optional(choice(["fp32", "fp16", "bool", "int32"]), "fp32"),
  },
  infer: ({ init_length, dynamic_length, elem_shape, dtype }): ListType => {
    const shape = elem_shape.map((dim) => (isComputed(dim) ? UNKNOWN_DIM : dim));
    const known = !dynamic_length && !isComputed(init_length);
    const length = known ? init_length : UNKNOWN_DIM;
    return { kind: "list", element: tensor(dtype, shape), length };
  },
  refused: REFUSED,
});

const listLength = defineOp({
  type: "list_length",
  summary: "number of tensors in the list",
  since: "ios15",
  types: {},
  inputs: { ls: listInput() },
  infer: () => scalar("int32"),
  refused: REFUSED,
});

const listRead = defineOp({
  type: "list_read",
  summary: "the tensor at an index",
  since: "ios15",
  types: { I: INDEX },
  inputs: { ls: listInput(), index: tensorInput("I") },
  infer: ({ ls, index }, scope) => {
    checkScalarIndex(index, scope);
    return elementOf(ls, scope);
  },
  refused: REFUSED,
});

const listWrite = defineOp({
  type: "list_write",
  summary: "the list with another tensor at an index",
  since: "ios15",
  types: { I: INDEX, T: { domain: DTYPES } },
  inputs: { ls: listInput(), index: tensorInput("I"), value: tensorInput("T") },
  infer: ({ ls, index, value }, scope): ListType => {
    checkScalarIndex(index, scope);
    checkElement(ls, value, scope);
    return ls;
  },
  refused: REFUSED,
});

const listGather = defineOp({
  type: "list_gather",
  summary: "the tensors at some indices, stacked along a new first dim",
  since: "ios15",
  types: { I: INDEX },
  inputs: { ls: listInput(), indices: tensorInput("I") },
  infer: ({ ls, indices }, scope) => {
    const { dtype, shape } = elementOf(ls, scope);
    return tensor(dtype, [vectorLength(indices, scope), ...shape]);
  },
  refused: REFUSED,
});

const listScatter = defineOp({
  type: "list_scatter",
  summary: "the list with other tensors at some indices, unstacked from value",
  since: "ios15",
  types: { I: INDEX, T: { domain: DTYPES } },
  inputs: { ls: listInput(), indices: tensorInput("I"), value: tensorInput("T") },
  infer: ({ ls, indices, value }, scope): ListType => {
    const length = vectorLength(indices, scope);
    const [first, ...rest] = value.shape;
    if (first === undefined || !dimsAgree(first, length)) {
      const rule = '"value" must have one tensor per index';
      throw scope.error(rule, `${length} in dim 0`, formatShape(value.shape));
    }
    checkElement(ls, tensor(value.dtype, rest), scope);
    return ls;
  },
  refused: REFUSED,
});

export const LIST_OPS = {
  list_gather: listGather,
  list_length: listLength,
  list_read: listRead,
  list_scatter: listScatter,
  list_write: listWrite,
  make_list: makeList,
} as const;

/** Type inference of one op: its arguments bound to the definition, whose `infer` gives the types of the results. */
import { constantElements, isConstant, type SingleArgument, typeOf } from "./arguments.js";
import { bindInputs, type InputResolver, type OpCall } from "./bind-inputs.js";
import { ShapeError } from "./errors.js";
import type { InferScope, ResultTypes } from "./op-definition.js";
import { hasOpset } from "./opset.js";
import type { TensorType, ValueType } from "./program.js";

/** The types of an op's results, as a list. @throws ShapeError */
export function inferOperation(call: OpCall): readonly ValueType[] {
  const types = inferResult(call);
  return "kind" in types ? [types] : types;
}

/** The type of an op's result, or a list for an op that may have several. @throws ShapeError */
export function inferResult(call: OpCall): ResultTypes {
  const elements = (argument: SingleArgument) => constantElements(argument, call.constants);
  const scope = inferScope(call, elements);
  const tensor = (argument: SingleArgument) => typeOf(argument) as TensorType;
  return call.definition.infer(bindInputs(call, { tensor, any: typeOf, elements }), scope);
}

/** What `infer` may ask about a call, given the elements that are known. @throws ShapeError */
export function inferScope(call: OpCall, elements: InputResolver<unknown>["elements"]): InferScope {
  const { definition, opset, where } = call;
  if (!hasOpset(opset, definition.since)) {
    const { since } = definition;
    const rule = "the op must exist in the function's opset";
    throw new ShapeError({ op: where, rule, expected: `${since} or newer`, actual: opset });
  }
  return {
    opset,
    blocks: call.blocks ?? [],
    isConstant: (input) => isConstant(call.arguments[input], call.constants),
    elementsOf: (input) => {
      const argument = call.arguments[input];
      if (argument === undefined || argument.kind === "tuple") return undefined;
      const known = elements(argument);
      return known && Array.from(known as ArrayLike<unknown>, Number);
    },
    dtypeOf: (input) => {
      const argument = call.arguments[input];
      if (argument === undefined || argument.kind === "tuple") return undefined;
      const type = typeOf(argument);
      return type.kind === "tensor" ? type.dtype : undefined;
    },
    error: (rule, expected, actual) => new ShapeError({ op: where, rule, expected, actual }),
  };
}

/**
 * States: tensors that the model keeps between predictions. Source: coremltools iOS18 states.py; write_state is the form in
 * which programs are stored (backend/mil/load.py). The interpreter itself holds the states.
 */
import { stateInput, tensorInput } from "../input-spec.js";
import { defineOp, MOVABLE } from "../op-definition.js";
import type { ValueType } from "../program.js";
import { compatibleTypes, formatType } from "../tensor-type.js";

const readState = defineOp({
  type: "read_state",
  summary: "the value of a state",
  since: "ios18",
  types: {},
  inputs: { input: stateInput() },
  infer: ({ input }, scope) => {
    if (input.wrapped.kind === "tensor") return input.wrapped;
    throw scope.error("a state holds a tensor", "state<tensor>", formatType(input));
  },
  inInterpreter: true,
});

const writeState = defineOp({
  type: "write_state",
  summary: "gives a state a value; no result",
  since: "ios18",
  types: { T: { domain: MOVABLE } },
  inputs: { input: stateInput(), data: tensorInput("T") },
  infer: ({ input, data }, scope): readonly ValueType[] => {
    if (!compatibleTypes(input.wrapped, data)) {
      const rule = '"data" must have the type that the state holds';
      throw scope.error(rule, formatType(input.wrapped), formatType(data));
    }
    return [];
  },
  results: [],
  inInterpreter: true,
});

export const STATE_OPS = { read_state: readState, write_state: writeState } as const;

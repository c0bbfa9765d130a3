/** Constants and selection. Source: coremltools iOS15 control_flow.py. */
import { DTYPES } from "../dtype.js";
import { broadcastTo } from "../evaluate/strided.js";
import { conditionInput, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS } from "../op-definition.js";
import type { DType } from "../program.js";
import { formatShape, sameShape, tensor } from "../tensor-type.js";
import { broadcastShapes } from "./shape-rules.js";

/** A value written in the program or stored in a blob file. */
export const constant = defineOp({
  type: "const",
  since: "ios15",
  types: { T: { domain: Object.keys(DTYPES) as DType[] } },
  inputs: { val: tensorInput("T", true) },
  inAttributes: true,
  infer: ({ val }) => val,
  evaluate: ({ val }, [out]) => out.data.set(val.data),
});

/** cond ? a : b, element by element. */
export const select = defineOp({
  type: "select",
  since: "ios15",
  types: { C: { domain: ["bool"] }, T: { domain: [...FLOATS, "bool", "int32"] } },
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

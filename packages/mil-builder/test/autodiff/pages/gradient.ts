import { buildProgram, tensor } from "@ane/mil-builder";
import { grad } from "@ane/mil-builder/autodiff";

// y = Σ silu(x)²
export const forward = buildProgram({}, (f) => {
  const x = f.input("x", tensor("fp16", [1, 64, 1, 32]));
  return { y: f.reduce_sum_square({ x: f.silu({ x }) }) };
});
export const backward = grad(forward, { of: "y", wrt: ["x"] }); // inputs: x; outputs: d_x

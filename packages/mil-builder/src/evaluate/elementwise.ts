/** Element-by-element loops over tensors. */
import type { Tensor } from "../tensor.js";
import { broadcastTo } from "./strided.js";

/** out[i] = f(x[i]) */
export function mapUnary(x: Tensor, out: Tensor, f: (x: number) => number): void {
  const input = x.data;
  const output = out.data;
  for (let i = 0; i < output.length; i++) output[i] = f(input[i]!);
}

/** out[i] = f(x[i], y[i]), both broadcast to the shape of `out`. */
export function mapBinary(
  x: Tensor,
  y: Tensor,
  out: Tensor,
  f: (x: number, y: number) => number,
): void {
  const left = broadcastTo(x, out.type.shape);
  const right = broadcastTo(y, out.type.shape);
  const output = out.data;
  for (let i = 0; i < output.length; i++) output[i] = f(left[i]!, right[i]!);
}

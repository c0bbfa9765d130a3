/** Gradient of running sums: the running sums of the cotangent from the other end. */
import type { Rules } from "../autodiff/vjp.js";

export const CUMSUM_GRADIENTS = {
  cumsum: ({ f, wants, number, flag, cotangent }) => {
    if (!wants("x")) return {};
    const [exclusive, reverse] = [flag("exclusive"), !flag("reverse")];
    return { x: f.cumsum({ x: cotangent, axis: number("axis"), exclusive, reverse }) };
  },
} satisfies Rules;

/** Gradients of selection; why branches and loops have none. */
import { sumToShape } from "../autodiff/sum-to-shape.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import type { Value } from "../program.js";

/** The cotangent goes where the element came from. */
const select: VjpRule = (vjp) => {
  const { f, value, cotangent: d } = vjp;
  const cond = value("cond");
  return {
    a: summed(vjp, "a", () => f.select({ cond, a: d, b: 0 })),
    b: summed(vjp, "b", () => f.select({ cond, a: 0, b: d })),
  };
};

function summed(vjp: Vjp, name: "a" | "b", part: () => Value): Value | undefined {
  if (!vjp.wants(name)) return undefined;
  return sumToShape(vjp.f, part(), vjp.output.type.shape, vjp.value(name).type.shape);
}

export const CONTROL_FLOW_GRADIENTS = {
  cond: {
    refused: "gradients do not pass blocks",
    advice: "Compute both sides and choose with select",
  },
  const: { zero: "a constant depends on nothing; its own gradient can be asked for" },
  select,
  while_loop: {
    refused: "gradients do not pass blocks, and the number of turns is not known",
    advice: "Write the turns out",
  },
} satisfies Rules;

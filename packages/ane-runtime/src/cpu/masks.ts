/** Reads the masks of a program while it is lowered, and remembers what the plan then depends on. */
import { toFloat } from "@ane/accel-ops";
import type { WeightFiles } from "../device.js";
import type { GraphValue } from "./graph.js";
import type { Assumption, Plan } from "./plan.js";
import { elementCount } from "./shape.js";
import { type Visible, visibleColumns } from "./visible-columns.js";
import { resolveBlob } from "./weights.js";

export class Masks {
  readonly assumptions: Assumption[] = [];
  readonly #kernel: string;
  readonly #weights: WeightFiles | undefined;

  constructor(kernel: string, weights: WeightFiles | undefined) {
    this.#kernel = kernel;
    this.#weights = weights;
  }

  /** What a mask [1, …, rows, columns] leaves visible; undefined if its elements are not known or cannot be used. */
  visible(mask: GraphValue): Visible | undefined {
    const elements = this.#elements(mask);
    const [rows, columns] = mask.shape.slice(-2) as [number, number];
    return elements && visibleColumns(elements, rows, columns);
  }

  #elements({ name, type, shape, origin }: GraphValue): ArrayLike<number> | undefined {
    if (type.dtype !== "fp16" && type.dtype !== "fp32") return undefined;
    if (origin.kind === "literal") return origin.literal.elements as ArrayLike<number>;
    if (origin.kind !== "blob" || !this.#weights) return undefined;
    const { reference } = origin;
    const elements = resolveBlob(this.#kernel, name, reference, this.#weights).slice();
    this.assumptions.push({ name, reference, elements });
    if (!(elements instanceof Uint16Array)) return elements;
    const floats = new Float32Array(elementCount(shape));
    toFloat(elements, floats);
    return floats;
  }
}

/** True if the plan was fitted to just these weights, as far as it was fitted to any. @throws CompileError */
export function holds({ assumptions }: Plan, kernel: string, weights: WeightFiles): boolean {
  return assumptions.every(({ name, reference, elements }) => {
    const given = resolveBlob(kernel, name, reference, weights);
    const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
      Buffer.from(buffer, byteOffset, byteLength);
    return bytes(given).equals(bytes(elements));
  });
}

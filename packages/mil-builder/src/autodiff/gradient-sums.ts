/** The gradients that have arrived at each value, added up when they are asked for. */
import type { FunctionBuilder } from "../builder.js";
import type { AnyValue, Value } from "../program.js";
import { spread } from "./spread.js";

export class GradientSums {
  readonly #f: FunctionBuilder;
  readonly #terms = new Map<AnyValue, Value[]>();

  constructor(f: FunctionBuilder) {
    this.#f = f;
  }

  /** One more gradient of `value`, which may have 1 in place of dims along which it is constant. */
  add(value: AnyValue, gradient: Value): void {
    const terms = this.#terms.get(value);
    if (terms === undefined) this.#terms.set(value, [gradient]);
    else terms.push(gradient);
  }

  has(value: AnyValue): boolean {
    return this.#terms.has(value);
  }

  /** The sum, with 1 in place of dims along which it is constant. */
  compact(value: AnyValue): Value {
    const terms = this.#terms.get(value)!;
    const sum = terms.reduce((x, y) => this.#f.add({ x, y }));
    this.#terms.set(value, [sum]);
    return sum;
  }

  /** The sum, of the value's shape. */
  whole(value: Value): Value {
    const sum = spread(this.#f, this.compact(value), value.type.shape);
    this.#terms.set(value, [sum]);
    return sum;
  }
}

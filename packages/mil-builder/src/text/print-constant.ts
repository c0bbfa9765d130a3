/** Types and constants as program text, in either dialect. */
import { DTYPES } from "../dtype.js";
import { FormatError } from "../errors.js";
import type {
  AnyConstant,
  DType,
  Immediate,
  Literal,
  LiteralElements,
  Program,
  ValueType,
} from "../program.js";
import { isStaticShape, spellType } from "../tensor-type.js";

/** Text of a float that is a value of the dtype. */
export type FloatSpeller = (value: number, dtype: DType) => string;

export class ConstantPrinter {
  readonly #scalar: (dtype: DType) => string;
  readonly #float: FloatSpeller;

  constructor(dialect: Program["version"], float: FloatSpeller) {
    this.#scalar = dialect === "1.0" ? (dtype) => `tensor<${dtype}, []>` : (dtype) => dtype;
    this.#float = float;
  }

  type(type: ValueType): string {
    return spellType(type, this.#scalar);
  }

  constant(constant: AnyConstant): string {
    if (constant.kind !== "blob")
      return `${this.type(constant.type)}(${this.#immediate(constant)})`;
    const path = `path = ${this.#scalar("string")}(${quoted(constant.path)})`;
    const offset = `offset = ${this.#scalar("uint64")}(${constant.offset})`;
    return `${this.type(constant.type)}(BLOBFILE(${path}, ${offset}))`;
  }

  /** Items of lists, tuples and dictionaries do not repeat their types. */
  #immediate(immediate: Immediate): string {
    switch (immediate.kind) {
      case "literal":
        return this.#tensor(immediate);
      case "sequence": {
        const items = immediate.items.map((item) => this.#immediate(item)).join(", ");
        return immediate.type.kind === "list" ? `[${items}]` : `(${items})`;
      }
      default: {
        const entries = immediate.entries.map(
          ([key, value]) => `{${this.#immediate(key)}, ${this.#immediate(value)}}`,
        );
        return `{${entries.join(", ")}}`;
      }
    }
  }

  /** Elements in nested brackets, one level per dim. */
  #tensor({ type, elements, shape }: Literal): string {
    const spell = speller(type.dtype, elements, this.#float);
    const extents = isStaticShape(type.shape) ? type.shape : shape;
    if (extents === undefined) {
      throw new FormatError(
        "ERR_MIL_LITERAL",
        `print: a literal of ${this.type(type)} has a shape of its own, got none. Give its extents.`,
      );
    }
    return this.#level(extents, 0, spell);
  }

  #level(extents: readonly number[], axis: number, next: () => string): string {
    if (axis === extents.length) return next();
    const items: string[] = [];
    for (let index = 0; index < extents[axis]!; index++) {
      items.push(this.#level(extents, axis + 1, next));
    }
    return `[${items.join(", ")}]`;
  }
}

/** Spells one element after the other. */
function speller(dtype: DType, elements: LiteralElements, float: FloatSpeller): () => string {
  let index = 0;
  const { kind } = DTYPES[dtype];
  if (kind === "float") return () => float(Number(elements[index++]), dtype);
  if (kind === "string") return () => quoted(String(elements[index++]));
  return () => `${elements[index++]}`;
}

/** The language has no known escapes, so such characters cannot be written at all. */
function quoted(text: string): string {
  if (/["\\\n\r]/.test(text)) {
    throw new FormatError(
      "ERR_MIL_UNSUPPORTED",
      `print: strings hold no quotes, backslashes or line breaks, got ${JSON.stringify(text)}. Rename it.`,
    );
  }
  return `"${text}"`;
}

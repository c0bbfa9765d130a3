/** One function of program text: its ports and statements, checked against the ops' definitions as they are read. */
import { isCompileTime, parametersOf } from "./arguments.js";
import { inferOperation } from "./bind-inputs.js";
import { type FormatError, ShapeError } from "./errors.js";
import type { Token } from "./lexer.js";
import type { OpDefinition } from "./op-definition.js";
import { opDefinition } from "./ops/table.js";
import { OPSETS } from "./opset.js";
import { atType, DEEPEST_NESTING, parseConstant, parseType } from "./parse-value.js";
import type {
  Argument,
  Constant,
  MilFunction,
  Operation,
  Opset,
  TensorType,
  Value,
} from "./program.js";
import { formatType, sameType } from "./tensor-type.js";
import type { TokenReader } from "./token-reader.js";

export class FunctionParser {
  readonly #reader: TokenReader;
  readonly #values = new Map<string, Value>();
  readonly #constants = new Map<string, Constant | undefined>();
  #opset: Opset = "ios15";

  constructor(reader: TokenReader) {
    this.#reader = reader;
  }

  parse(): MilFunction {
    const reader = this.#reader;
    reader.expect("func");
    const name = reader.expectKind("identifier", "a function name").text;
    this.#opset = this.#parseOpset();
    reader.expect("(");
    const inputs = reader.at(")") ? [] : this.#declarations().map((item) => this.#define(item));
    reader.expect(")");
    if (reader.at("[")) {
      const rule = "functions have static shapes and no attributes";
      throw reader.error("ERR_MIL_UNSUPPORTED", reader.current, rule, "an attribute list");
    }
    reader.expect("{");
    const operations: Operation[] = [];
    while (!reader.at("}")) operations.push(this.#statement());
    reader.expect("}");
    reader.expect("->");
    reader.expect("(");
    const outputs: Value[] = [];
    if (!reader.at(")")) reader.list(() => outputs.push(this.#reference()));
    reader.expect(")");
    reader.expect(";");
    return { name, opset: this.#opset, inputs, operations, outputs };
  }

  #parseOpset(): Opset {
    const reader = this.#reader;
    reader.expect("<");
    const token = reader.expectKind("identifier", "an opset");
    const opset = OPSETS.find((known) => known === token.text);
    if (opset === undefined) {
      const rule = `the opset is one of ${OPSETS.join(", ")}`;
      throw reader.error("ERR_MIL_UNSUPPORTED", token, rule, `"${token.text}"`);
    }
    reader.expect(">");
    return opset;
  }

  #statement(): Operation {
    const reader = this.#reader;
    const results = atType(reader) ? this.#declarations() : [];
    if (results.length > 0) reader.expect("=");
    const token = reader.expectKind("identifier", "an op or a type");
    const definition = opDefinition(token.text);
    if (definition === undefined) {
      const rule = "ops must be in the table";
      throw reader.error("ERR_MIL_UNSUPPORTED", token, rule, `"${token.text}"`);
    }
    if (reader.at("<")) {
      const rule = "an op has the opset of its function";
      throw reader.error("ERR_MIL_UNSUPPORTED", reader.current, rule, "one of its own");
    }
    reader.expect("(");
    const inputs = bindTuples(
      definition,
      this.#entries(")", () => this.#argument(0)),
    );
    const attributes = reader.accept("[") ? this.#entries("]", () => parseConstant(reader)) : {};
    reader.expect(";");
    const statement = { token, definition, inputs, attributes, results };
    this.#checkPlacement(statement);
    this.#checkTypes(statement);
    const outputs = results.map((result) => this.#define(result));
    if (isCompileTime(token.text)) {
      for (const { name } of outputs) this.#constants.set(name, attributes.val);
    }
    return { type: token.text, inputs, attributes, outputs };
  }

  /** `name = item` up to the closing bracket, sorted by name. */
  #entries<T>(close: string, item: () => T): Readonly<Record<string, T>> {
    const reader = this.#reader;
    const entries = new Map<string, T>();
    if (!reader.at(close)) {
      reader.list(() => {
        const token = reader.expectKind("identifier", "a parameter name");
        if (entries.has(token.text)) throw duplicate(reader, token, "an argument");
        reader.expect("=");
        entries.set(token.text, item());
      });
    }
    reader.expect(close);
    return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #argument(depth: number): Argument {
    const reader = this.#reader;
    if (!reader.at("(")) {
      return atType(reader) ? parseConstant(reader) : { kind: "value", value: this.#reference() };
    }
    if (depth === DEEPEST_NESTING) {
      const rule = `tuples are nested at most ${DEEPEST_NESTING} deep`;
      throw reader.error("ERR_MIL_DEPTH", reader.current, rule, "more");
    }
    reader.expect("(");
    const items: Argument[] = [];
    reader.list(() => items.push(this.#argument(depth + 1)));
    reader.expect(")");
    return { kind: "tuple", items };
  }

  #declarations(): readonly Declaration[] {
    const reader = this.#reader;
    const found: Declaration[] = [];
    reader.list(() => {
      const type = parseType(reader);
      const token = reader.expectKind("identifier", "a name");
      found.push({ token, value: { name: token.text, type } });
    });
    return found;
  }

  #define({ token, value }: Declaration): Value {
    if (this.#values.has(value.name)) throw duplicate(this.#reader, token, "a value");
    this.#values.set(value.name, value);
    return value;
  }

  #reference(): Value {
    const token = this.#reader.expectKind("identifier", "a value");
    const value = this.#values.get(token.text);
    if (value === undefined) {
      const rule = "values are defined before they are used";
      throw this.#reader.error("ERR_MIL_UNDEFINED", token, rule, `"${token.text}"`);
    }
    return value;
  }

  /** Parameters stand in (), but for const; [] holds the op's name. */
  #checkPlacement({ token, definition, inputs, attributes }: Statement): void {
    const { name, ...others } = attributes;
    const misplaced = Object.keys(definition.inAttributes ? inputs : others);
    if (misplaced.length > 0) {
      const rule = `${definition.type} has its parameters in ${definition.inAttributes ? "[]" : "()"}`;
      throw this.#reader.error("ERR_MIL_SYNTAX", token, rule, `"${misplaced[0]}" elsewhere`);
    }
    if (name !== undefined && formatType(name.type) !== "string") {
      const rule = 'the attribute "name" is a string';
      throw this.#reader.error("ERR_MIL_TYPE", token, rule, formatType(name.type));
    }
  }

  #checkTypes(statement: Statement): void {
    const { token, definition, results } = statement;
    const inferred = this.#infer(statement);
    if (inferred.length !== results.length) {
      const rule = `${definition.type} has ${inferred.length} results here`;
      throw this.#reader.error("ERR_MIL_TYPE", token, rule, `${results.length}`);
    }
    results.forEach(({ token: name, value }, index) => {
      if (sameType(inferred[index]!, value.type)) return;
      const expected = formatType(inferred[index]!);
      const rule = `"${value.name}" has the type that ${definition.type} infers, ${expected}`;
      throw this.#reader.error("ERR_MIL_TYPE", name, rule, formatType(value.type), { expected });
    });
  }

  #infer({ token, definition, results, ...operation }: Statement): readonly TensorType[] {
    const [first] = results;
    try {
      return inferOperation({
        definition,
        where: first === undefined ? definition.type : `${definition.type} "${first.value.name}"`,
        opset: this.#opset,
        arguments: parametersOf(definition, operation),
        constants: this.#constants,
      });
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      const rule = `${error.op}: ${error.rule}`;
      const details = { expected: error.expected, cause: error };
      throw this.#reader.error("ERR_MIL_TYPE", token, rule, error.actual, details);
    }
  }
}

/** A statement as written, before its results are defined. */
interface Statement {
  /** The op type. */
  readonly token: Token;
  readonly definition: OpDefinition;
  readonly inputs: Operation["inputs"];
  readonly attributes: Operation["attributes"];
  readonly results: readonly Declaration[];
}

interface Declaration {
  readonly token: Token;
  readonly value: Value;
}

/** A tuple of one is written without parentheses. */
function bindTuples(definition: OpDefinition, inputs: Operation["inputs"]): Operation["inputs"] {
  const entries = Object.entries(inputs).map(([name, argument]) => {
    const isTuple =
      Object.hasOwn(definition.inputs, name) && definition.inputs[name]?.kind === "tuple";
    const wrapped: Argument =
      isTuple && argument.kind !== "tuple" ? { kind: "tuple", items: [argument] } : argument;
    return [name, wrapped] as const;
  });
  return Object.fromEntries(entries);
}

/** A second definition of a name. */
export function duplicate(reader: TokenReader, token: Token, what: string): FormatError {
  return reader.error(
    "ERR_MIL_DUPLICATE",
    token,
    `${what} has a name of its own`,
    `"${token.text}" again`,
  );
}

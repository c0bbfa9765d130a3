/** One function of program text: its ports and statements, checked against the ops' definitions as they are read. */
import { isCompileTime } from "../arguments.js";
import type { OpDefinition } from "../op-definition.js";
import { opDefinition } from "../ops/table.js";
import { OPSETS } from "../opset.js";
import type { AnyConstant, AnyValue, Argument, MilFunction, Operation, Opset } from "../program.js";
import { checkPlacement, checkTypes, wrapTuples } from "./check-operation.js";
import { parseAttributes, parseConstant } from "./parse-constant.js";
import { isEmpty, parseEntries } from "./parse-entries.js";
import type { ParseOptions } from "./parse-options.js";
import { atConstant, atDeclaration, parseType } from "./parse-type.js";
import type { TokenReader } from "./token-reader.js";

/** Ops that hold blocks, for which no text form is known. */
const BLOCK_OPS: ReadonlySet<string> = new Set(["cond", "while_loop"]);

export class FunctionParser {
  readonly #reader: TokenReader;
  readonly #options: ParseOptions;
  readonly #values = new Map<string, AnyValue>();
  readonly #constants = new Map<string, AnyConstant | undefined>();
  #opset: Opset = "ios15";

  constructor(reader: TokenReader, options: ParseOptions) {
    this.#reader = reader;
    this.#options = options;
  }

  /** What stands after `func`. */
  parse(): MilFunction {
    const reader = this.#reader;
    const name = reader.identifier("a function name");
    this.#opset = this.#parseOpset();
    const inputs = this.#parseInputs();
    const attributes = reader.at("[") ? parseAttributes(reader) : {};
    const operations: Operation[] = [];
    reader.expect("{");
    while (!reader.at("}")) operations.push(this.#statement());
    reader.next();
    const outputs = this.#parseOutputs();
    return {
      name,
      opset: this.#opset,
      inputs,
      ...(isEmpty(attributes) ? {} : { attributes }),
      operations,
      outputs,
    };
  }

  #parseOpset(): Opset {
    const reader = this.#reader;
    reader.expect("<");
    const { start } = reader;
    const name = reader.identifier("an opset");
    const opset = OPSETS.find((known) => known === name);
    if (opset === undefined) {
      const rule = `the opset is one of ${OPSETS.join(", ")}`;
      throw reader.error("ERR_MIL_UNSUPPORTED", start, rule, `"${name}"`);
    }
    reader.expect(">");
    return opset;
  }

  #parseInputs(): readonly AnyValue[] {
    const reader = this.#reader;
    const inputs: AnyValue[] = [];
    reader.expect("(");
    if (!reader.at(")")) {
      do {
        const { value } = this.#declaration();
        this.#values.set(value.name, value);
        inputs.push(value);
      } while (reader.accept(","));
    }
    reader.expect(")");
    return inputs;
  }

  #parseOutputs(): readonly AnyValue[] {
    const reader = this.#reader;
    const outputs: AnyValue[] = [];
    reader.expect("->");
    reader.expect("(");
    if (!reader.at(")")) {
      do {
        reader.countPart();
        outputs.push(this.#reference());
      } while (reader.accept(","));
    }
    reader.expect(")");
    reader.expect(";");
    return outputs;
  }

  #statement(): Operation {
    const reader = this.#reader;
    reader.countPart();
    const results = atDeclaration(reader) ? this.#parseResults() : [];
    const { start } = reader;
    const type = reader.identifier("an op or a type");
    const own = reader.at("<") ? this.#parseOpset() : undefined;
    const opset = own ?? this.#opset;
    const definition = this.#definition(type, opset, start);
    reader.expect("(");
    const given = parseEntries(reader, ")", () => this.#argument(0));
    const inputs = definition === undefined ? given : wrapTuples(definition, given);
    const attributes = reader.at("[") ? parseAttributes(reader) : {};
    this.#endStatement();
    const outputs = results.map(({ value }) => value);
    const operation: Operation =
      own === undefined
        ? { type, inputs, attributes, outputs }
        : { type, opset: own, inputs, attributes, outputs };
    if (definition !== undefined) {
      const resultStarts = results.map((result) => result.start);
      const constants = this.#constants;
      const statement = { operation, definition, opset, constants, start, resultStarts };
      checkPlacement(reader, statement);
      if (this.#options.types !== "trust") checkTypes(reader, statement);
    }
    for (const value of outputs) this.#values.set(value.name, value);
    if (isCompileTime(type)) {
      for (const { name } of outputs) this.#constants.set(name, attributes.val);
    }
    return operation;
  }

  /** `type name, type name =`; the names are defined only after the op, which does not see them. */
  #parseResults(): readonly Declaration[] {
    const reader = this.#reader;
    const results: Declaration[] = [];
    const names = new Set<string>();
    do {
      const declaration = this.#declaration();
      const { name } = declaration.value;
      if (names.has(name)) throw reader.duplicate(declaration.start, "a value", name);
      names.add(name);
      results.push(declaration);
    } while (reader.accept(","));
    reader.expect("=");
    return results;
  }

  #declaration(): Declaration {
    const reader = this.#reader;
    reader.countPart();
    const type = parseType(reader);
    const { start } = reader;
    const name = reader.identifier("a name");
    if (this.#values.has(name)) throw reader.duplicate(start, "a value", name);
    return { start, value: { name, type } };
  }

  #definition(type: string, opset: Opset, start: number): OpDefinition | undefined {
    if (BLOCK_OPS.has(type)) {
      const rule = "ops with nested blocks have no known text form";
      throw this.#reader.error("ERR_MIL_UNSUPPORTED", start, rule, `"${type}"`);
    }
    const definition = opDefinition(type, opset);
    if (definition === undefined && this.#options.unknownOps === "refuse") {
      const rule = "ops must be in the table";
      throw this.#reader.error("ERR_MIL_UNSUPPORTED", start, rule, `"${type}"`);
    }
    return definition;
  }

  #argument(depth: number): Argument {
    const reader = this.#reader;
    reader.countPart();
    if (!reader.at("(")) {
      return atConstant(reader)
        ? parseConstant(reader)
        : { kind: "value", value: this.#reference() };
    }
    reader.checkDepth(depth + 1, "tuples are nested");
    reader.next();
    const items: Argument[] = [];
    do items.push(this.#argument(depth + 1));
    while (reader.accept(","));
    reader.expect(")");
    return { kind: "tuple", items };
  }

  #reference(): AnyValue {
    const reader = this.#reader;
    const { start } = reader;
    const name = reader.identifier("a value");
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    const rule = "values are defined before they are used";
    throw reader.error("ERR_MIL_UNDEFINED", start, rule, `"${name}"`);
  }

  #endStatement(): void {
    const reader = this.#reader;
    if (reader.at("{")) {
      const rule = "nested blocks have no known text form";
      throw reader.error("ERR_MIL_UNSUPPORTED", reader.start, rule, "a block");
    }
    reader.expect(";");
  }
}

interface Declaration {
  /** Index of the name. */
  readonly start: number;
  readonly value: AnyValue;
}

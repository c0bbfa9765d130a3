/** Constants of program text: `type(literal)` and `type(BLOBFILE(path = ..., offset = ...))`. */
import type {
  AnyConstant,
  Attributes,
  BlobReference,
  DictionaryLiteral,
  Immediate,
  TensorType,
  ValueType,
} from "../program.js";
import { formatType, isUnknownDim } from "../tensor-type.js";
import { parseEntries } from "./parse-entries.js";
import { parseTensorLiteral } from "./parse-tensor-literal.js";
import { parseType } from "./parse-type.js";
import type { TokenReader } from "./token-reader.js";

/** `[name = constant, ...]`; `starts` is told where the constants begin. */
export function parseAttributes(reader: TokenReader, starts?: Map<string, number>): Attributes {
  reader.expect("[");
  return parseEntries(reader, "]", (name) => {
    starts?.set(name, reader.start);
    return parseConstant(reader);
  });
}

export function parseConstant(reader: TokenReader): AnyConstant {
  const start = reader.start;
  const type = parseType(reader);
  reader.expect("(");
  const constant = reader.atWord("BLOBFILE")
    ? parseBlobReference(reader, tensorOf(reader, start, type))
    : parseImmediate(reader, type);
  reader.expect(")");
  return constant;
}

/** The literal of a type; nested literals do not repeat the types of their items. */
function parseImmediate(reader: TokenReader, type: ValueType): Immediate {
  reader.countPart();
  switch (type.kind) {
    case "tensor":
      return parseTensorLiteral(reader, type);
    case "list": {
      const items: Immediate[] = [];
      const { start } = reader;
      reader.expect("[");
      if (!reader.at("]")) {
        do items.push(parseImmediate(reader, type.element));
        while (reader.accept(","));
      }
      reader.expect("]");
      if (!isUnknownDim(type.length) && items.length !== type.length) {
        const rule = `a literal of ${formatType(type)} has ${type.length} items`;
        throw reader.error("ERR_MIL_LITERAL", start, rule, `${items.length}`);
      }
      return { kind: "sequence", type, items };
    }
    case "tuple": {
      reader.expect("(");
      const items = type.elements.map((element, index) => {
        if (index > 0) reader.expect(",");
        return parseImmediate(reader, element);
      });
      reader.expect(")");
      return { kind: "sequence", type, items };
    }
    case "dictionary": {
      const entries: DictionaryLiteral["entries"][number][] = [];
      reader.expect("{");
      if (!reader.at("}")) {
        do {
          reader.expect("{");
          const key = parseImmediate(reader, type.key);
          reader.expect(",");
          entries.push([key, parseImmediate(reader, type.value)]);
          reader.expect("}");
        } while (reader.accept(","));
      }
      reader.expect("}");
      return { kind: "dictionary", type, entries };
    }
    default: {
      const rule = "constants are tensors, lists, tuples or dictionaries";
      throw reader.error("ERR_MIL_TYPE", reader.start, rule, formatType(type));
    }
  }
}

function parseBlobReference(reader: TokenReader, type: TensorType): BlobReference {
  const { start } = reader;
  reader.expectWord("BLOBFILE");
  reader.expect("(");
  const fields = new Map<string, AnyConstant>();
  do {
    const name = reader.identifier('"path" or "offset"');
    reader.expect("=");
    fields.set(name, parseConstant(reader));
  } while (reader.accept(","));
  reader.expect(")");
  const path = scalarOf(fields.get("path"), "string");
  const offset = Number(scalarOf(fields.get("offset"), "uint64"));
  if (fields.size !== 2 || typeof path !== "string" || !Number.isSafeInteger(offset)) {
    const rule = "BLOBFILE has a path (string) and an offset (uint64)";
    throw reader.error("ERR_MIL_LITERAL", start, rule, [...fields.keys()].join(", "));
  }
  return { kind: "blob", type, path, offset };
}

function scalarOf(
  constant: AnyConstant | undefined,
  dtype: "string" | "uint64",
): string | number | bigint | boolean | undefined {
  const fits = constant?.kind === "literal" && formatType(constant.type) === dtype;
  return fits ? constant.elements[0] : undefined;
}

function tensorOf(reader: TokenReader, start: number, type: ValueType): TensorType {
  if (type.kind === "tensor") return type;
  throw reader.error("ERR_MIL_TYPE", start, "a weight file holds tensors", formatType(type));
}

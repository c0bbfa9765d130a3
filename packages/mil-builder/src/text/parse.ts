/**
 * Program text to IR, the inverse of `print`. Accepts both dialects and any layout, and checks what it reads: every name is
 * defined once and before use, every declared type is the one the op's definition infers.
 */
import type { Attributes, MilFunction, Program } from "../program.js";
import { formatType } from "../tensor-type.js";
import { parseAttributes } from "./parse-constant.js";
import { isEmpty } from "./parse-entries.js";
import { FunctionParser } from "./parse-function.js";
import type { ParseOptions } from "./parse-options.js";
import { TokenReader } from "./token-reader.js";

/** The program that a text spells. @throws FormatError with line and column */
export function parse(text: string, options: ParseOptions = {}): Program {
  const reader = new TokenReader(text);
  reader.expectWord("program");
  reader.expect("(");
  const version = parseVersion(reader);
  reader.expect(")");
  const header = parseHeader(reader);
  reader.expect("{");
  const functions: MilFunction[] = [];
  const names = new Set<string>();
  while (!reader.at("}")) {
    reader.countPart();
    reader.expectWord("func");
    const { start } = reader;
    const parsed = new FunctionParser(reader, options).parse();
    if (names.has(parsed.name)) throw reader.duplicate(start, "a function", parsed.name);
    names.add(parsed.name);
    functions.push(parsed);
  }
  reader.next();
  reader.expectEnd();
  return { version, ...header, functions };
}

/** Some texts of third parties say `program(1)`. */
const VERSIONS: ReadonlyMap<string, Program["version"]> = new Map([
  ["1", "1.0"],
  ["1.0", "1.0"],
  ["1.3", "1.3"],
]);

function parseVersion(reader: TokenReader): Program["version"] {
  const { start } = reader;
  const text = reader.number("a version");
  const version = VERSIONS.get(text);
  if (version !== undefined) return version;
  throw reader.error("ERR_MIL_UNSUPPORTED", start, "the text dialect is 1.0 or 1.3", text);
}

function parseHeader(reader: TokenReader): Pick<Program, "buildInfo" | "attributes"> {
  const starts = new Map<string, number>();
  const all = reader.at("[") ? parseAttributes(reader, starts) : {};
  const { buildInfo, ...attributes } = all;
  return {
    buildInfo:
      buildInfo === undefined ? {} : buildInfoOf(reader, starts.get("buildInfo")!, buildInfo),
    ...(isEmpty(attributes) ? {} : { attributes }),
  };
}

function buildInfoOf(
  reader: TokenReader,
  start: number,
  constant: Attributes[string],
): Program["buildInfo"] {
  if (constant.kind !== "dictionary" || formatType(constant.type) !== "dict<string, string>") {
    const rule = "buildInfo is a dict of strings";
    const expected = "dict<string, string>";
    throw reader.error("ERR_MIL_TYPE", start, rule, formatType(constant.type), { expected });
  }
  const entries = new Map<string, string>();
  for (const [key, value] of constant.entries) {
    const name = textOf(key);
    if (entries.has(name)) throw reader.duplicate(start, "an entry of buildInfo", name);
    entries.set(name, textOf(value));
  }
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The content of a scalar of dtype string. */
function textOf(constant: Attributes[string]): string {
  return constant.kind === "literal" ? String(constant.elements[0]) : "";
}

/**
 * Program text to IR, the inverse of `print`. Accepts both dialects and any layout, and checks what it reads: every name is
 * defined once and before use, every declared type is the one the op's definition infers.
 */
import { duplicate, FunctionParser } from "./parse-function.js";
import { parseType } from "./parse-value.js";
import type { MilFunction, Program } from "./program.js";
import { formatType } from "./tensor-type.js";
import { TokenReader } from "./token-reader.js";

/** @throws FormatError with line and column */
export function parse(text: string): Program {
  const reader = new TokenReader(text);
  reader.expect("program");
  reader.expect("(");
  const version = parseVersion(reader);
  reader.expect(")");
  const buildInfo = parseProgramAttributes(reader);
  reader.expect("{");
  const functions: MilFunction[] = [];
  const names = new Set<string>();
  while (!reader.at("}")) {
    const token = reader.following;
    const parsed = new FunctionParser(reader).parse();
    if (names.has(parsed.name)) throw duplicate(reader, token, "a function");
    names.add(parsed.name);
    functions.push(parsed);
  }
  reader.expect("}");
  if (reader.current.kind !== "end") throw reader.unexpected("the end of the text");
  return { version, buildInfo, functions };
}

function parseVersion(reader: TokenReader): Program["version"] {
  const token = reader.expectKind("number", "a version");
  if (token.text === "1.0" || token.text === "1.3") return token.text;
  throw reader.error("ERR_MIL_UNSUPPORTED", token, "the text dialect is 1.0 or 1.3", token.text);
}

function parseProgramAttributes(reader: TokenReader): Readonly<Record<string, string>> {
  const entries: (readonly [string, string])[] = [];
  if (reader.accept("[") && !reader.accept("]")) {
    const token = reader.expectKind("identifier", '"buildInfo"');
    if (token.text !== "buildInfo") {
      const rule = "a program has the attribute buildInfo";
      throw reader.error("ERR_MIL_UNSUPPORTED", token, rule, token.text);
    }
    reader.expect("=");
    reader.expect("dict");
    reader.expect("<");
    expectStringType(reader);
    reader.expect(",");
    expectStringType(reader);
    for (const text of [">", "(", "{"]) reader.expect(text);
    if (!reader.at("}")) reader.list(() => entries.push(parseEntry(reader)));
    for (const text of ["}", ")", "]"]) reader.expect(text);
  }
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function expectStringType(reader: TokenReader): void {
  const token = reader.current;
  const type = parseType(reader);
  if (type.dtype !== "string" || type.shape.length > 0) {
    const rule = "buildInfo is a dict of strings";
    throw reader.error("ERR_MIL_TYPE", token, rule, formatType(type), { expected: "string" });
  }
}

function parseEntry(reader: TokenReader): readonly [string, string] {
  reader.expect("{");
  const key = reader.expectKind("string", "a string").text;
  reader.expect(",");
  const value = reader.expectKind("string", "a string").text;
  reader.expect("}");
  return [key, value];
}

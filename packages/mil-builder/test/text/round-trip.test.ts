import fc from "fast-check";
import { expect, test } from "vitest";
import { parse, print } from "../../src/index.js";
import { randomIr } from "./random-ir.js";

const dialect = fc.constantFrom("1.0" as const, "1.3" as const);
const layout = fc.constantFrom("canonical" as const, "readable" as const);

test("parse is the inverse of print on random programs, in all dialects and layouts", () => {
  fc.assert(
    fc.property(randomIr, dialect, layout, (program, spelling, style) => {
      const text = print(program, { dialect: spelling, layout: style });
      expect(parse(text)).toStrictEqual({ ...program, version: spelling });
    }),
    { numRuns: 400 },
  );
});

test("print is the inverse of parse on canonical text", () => {
  fc.assert(
    fc.property(randomIr, (program) => {
      const text = print(program);
      expect(print(parse(text))).toBe(text);
    }),
    { numRuns: 200 },
  );
});

test("white space and comments mean nothing, wherever they stand between tokens", () => {
  const gap = fc.constantFrom("", " ", "\t\r\n", '// ] ) } ; "\n', " // é\n\n");
  fc.assert(
    fc.property(randomIr, fc.array(gap, { minLength: 1, maxLength: 7 }), (program, gaps) => {
      const tokens = print(program).match(
        /"[^"]*"|->|[-+]?[\w.@]+(?<=[pP])[-+]\d+|[-\w.@]+|[^\s\w]/gu,
      )!;
      let text = "";
      tokens.forEach((token, index) => {
        const previous = tokens[index - 1] ?? "";
        const needsSpace = /\w$/.test(previous) && /^[-\w]/.test(token);
        text += `${needsSpace ? " " : ""}${gaps[index % gaps.length]}${token}`;
      });
      expect(parse(text)).toStrictEqual(program);
    }),
    { numRuns: 100 },
  );
});

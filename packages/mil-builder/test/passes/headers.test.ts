/** The programs in the header of each pass: what it prints before is read, rewritten, and printed as it stands after. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse, print, verify } from "../../src/index.js";
import { simplifyCasts } from "../../src/passes/casts.js";
import { shareSubexpressions } from "../../src/passes/common-subexpressions.js";
import { foldConstants } from "../../src/passes/constant-folding.js";
import { removeDeadCode } from "../../src/passes/dead-code.js";
import type { Pass } from "../../src/passes/pass.js";
import { simplifyShapes } from "../../src/passes/shapes.js";

const PASSES: Readonly<Record<string, Pass>> = {
  casts: simplifyCasts,
  "common-subexpressions": shareSubexpressions,
  "constant-folding": foldConstants,
  "dead-code": removeDeadCode,
  shapes: simplifyShapes,
};

/** Functions in the header comment of a pass. */
function programsIn(pass: string): readonly string[] {
  const source = readFileSync(new URL(`../../src/passes/${pass}.ts`, import.meta.url), "utf8");
  const header = source.slice(0, source.indexOf("*/"));
  const text = header.replaceAll(/^ \* ?/gm, "");
  return Array.from(text.matchAll(/^ {4}func [\s\S]*?^ {8}\} -> \(.*\);$/gm), ([found]) => found);
}

test.each(Object.entries(PASSES))("%s does what its header shows", (name, pass) => {
  const [before, after, ...others] = programsIn(name);
  expect(others).toEqual([]);
  const program = parse(`program(1.3)\n[]\n{\n${before}\n}`);
  expect(
    verify(program).filter(({ rule }) => rule === "result-type" || rule === "op-arguments"),
  ).toEqual([]);
  const printed = print(pass(program), { layout: "readable" });
  expect(printed.split("\n").slice(3, -1).join("\n")).toBe(after);
});

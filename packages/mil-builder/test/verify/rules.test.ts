import { describe, expect, test } from "vitest";
import { tensor } from "../../src/index.js";
import { RULES } from "../../src/verify/rules.js";
import { verify } from "../../src/verify/verify.js";
import { BROKEN_OPS } from "./broken-ops.js";
import { BROKEN_PROGRAMS } from "./broken-programs.js";
import { KEPT } from "./kept.js";
import { program } from "./programs.js";

const CASES = [...BROKEN_PROGRAMS, ...BROKEN_OPS];

describe("verify", () => {
  test.each(CASES.map((entry, index) => [entry.rule, index] as const))(
    "%s (case %i)",
    (_, index) => {
      const { rule, severity, where, actual, chip, os, broken } = CASES[index]!;
      const machine = { ...(chip && { chip }), ...(os && { os }) };
      const found = verify(broken, machine).filter((item) => item.rule === rule);
      const definition = RULES.find(({ id }) => id === rule)!;
      expect(found).toContainEqual({
        rule,
        severity,
        where,
        message: `${definition.statement}, got ${actual}`,
        evidence: definition.evidence,
        remedy: definition.remedy,
      });
      if (chip === undefined && os === undefined) return;
      for (const other of [{}, { chip: "m5" }, { os: "macos26" }] as const) {
        expect(verify(broken, other).filter((item) => item.rule === rule)).toEqual([]);
      }
    },
  );

  test.each(RULES.map((rule) => [rule.id, rule] as const))(
    "%s is kept by a program that comes close",
    (id, { chips, os }) => {
      for (const chip of chips ?? [undefined]) {
        const machine = { ...(chip && { chip }), ...(os && { os: os[0]! }) };
        const found = verify(KEPT[id]!, machine).filter((item) => item.rule === id);
        expect(found).toEqual([]);
      }
    },
  );

  test("the blocks inside ops are checked like the function", () => {
    const looped = program((f, x) => {
      const [, y] = f.while_loop({
        loop_vars: [f.constant("begin", tensor("int32", []), [0]), x],
        condition: (i) => f.less({ x: i, y: 3 }),
        body: (i, value) => [f.add({ x: i, y: 1 }), f.gelu({ x: value, mode: "EXACT" })],
      });
      return y;
    });
    const found = verify(looped).map(({ rule }) => rule);
    expect(found).toContain("gelu");
    for (const rule of ["duplicate-name", "use-before-definition", "dead-result"]) {
      expect(found).not.toContain(rule);
    }
  });

  test("every rule has such a program", () => {
    expect(new Set(CASES.map(({ rule }) => rule))).toEqual(new Set(RULES.map(({ id }) => id)));
  });

  test("rules have distinct ids", () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  });
});

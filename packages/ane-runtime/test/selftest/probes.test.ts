/** The table of probes, and their programs on the cpu device, whose answers are known. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { openWorkbench, PROBES } from "../../src/selftest/index.js";

const bench = openWorkbench("cpu");
afterAll(() => bench[Symbol.dispose]());

const cases = PROBES.flatMap(({ cases }) => cases);

describe("the table", () => {
  it("has eight probes, whose cases begin with their number", () => {
    expect(PROBES.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const { number, cases } of PROBES) {
      for (const { id } of cases) expect(id).toMatch(new RegExp(`^${number}/`));
    }
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  });

  it("decides rules that the verifier has, or says that there is none", () => {
    const page = fileURLToPath(
      new URL("../../../mil-builder/docs/verifier-rules.md", import.meta.url),
    );
    const known = new Set(
      Array.from(readFileSync(page, "utf8").matchAll(/^\| `([\w-]+)`/gm), ([, rule]) => rule),
    );
    for (const { id, rule, changes } of cases) {
      expect(Object.keys(changes!).length, id).toBeGreaterThan(1);
      if (!rule!.includes(" ")) expect(known, id).toContain(rule);
    }
  });
});

describe("programs", () => {
  const portable = cases.filter(({ id }) => /^[1367]\//.test(id));
  // The cpu device adds in fp32 and puts rows at 64-byte strides.
  const expected = (id: string) =>
    id.startsWith("7/") ? "exact" : id.startsWith("1/rows") ? "strided in, strided out" : "works";

  for (const opset of ["ios15", "ios16", "ios18"] as const) {
    it.each(portable)(`$id, ${opset}`, async ({ id, run }) => {
      expect(await run({ ...bench, opset }, () => {})).toMatchObject({ answer: expected(id) });
    });
  }

  it("see no limit where there is none, and no hardware time", async () => {
    const answers = await Promise.all(
      cases.filter(({ id }) => /^[58]\//.test(id)).map(({ run }) => run(bench, () => {})),
    );
    expect(answers.map(({ answer }) => answer)).toEqual([
      "not limited",
      "not limited",
      "not limited",
      "not measured",
    ]);
  });
});

/** From answers to what changes about the verifier's rules. */
import { describe, expect, it } from "vitest";
import { type CaseRecord, ruleVerdicts } from "../../src/selftest/index.js";

const record = (
  id: string,
  answer: string,
  about: Partial<CaseRecord["case"]> = {},
  brokenRules: string[] = [],
): CaseRecord => ({
  case: { id, question: "?", ...about },
  result: { answer, details: "", brokenRules },
});

describe("ruleVerdicts", () => {
  it("weighs the programs that break a rule", () => {
    const verdicts = ruleVerdicts([
      record("a", "works", {}, ["tile", "gelu", "rank"]),
      record("b", "not compiled", {}, ["tile", "extent"]),
      record("c", "undecided", {}, ["rank"]),
    ]);
    expect(verdicts.map(({ rule, verdict }) => `${rule}: ${verdict}`)).toEqual([
      "extent: consistent",
      "gelu: not needed",
      "rank: not needed",
      "tile: mixed",
    ]);
    expect(verdicts[3]?.evidence).toEqual(["a: works", "b: not compiled"]);
  });

  it("reads what follows from a probe's answer in its table", () => {
    const changes = { works: "drop it", otherwise: "keep it" };
    const verdicts = ruleVerdicts([
      record("1/x", "works", { rule: "tile", changes }),
      record("1/y", "crashed", { rule: "tile", changes }),
    ]);
    expect(verdicts).toEqual([
      {
        rule: "tile",
        verdict: "see probes",
        evidence: ["1/x: works", "1/y: crashed"],
        changes: ["1/x: drop it", "1/y: keep it"],
      },
    ]);
  });
});

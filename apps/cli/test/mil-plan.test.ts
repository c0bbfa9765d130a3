/** `ane mil plan`: the graph and the plan of real kernels, and what it says about files that hold no program. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describePlan } from "@ane/ane-runtime";
import { buildProgram, llamaKernels, print, tensor } from "@ane/mil-builder";
import { run } from "@stricli/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { app } from "../src/app.js";
import { testContext } from "./test-context.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "ane-mil-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function plan(file: string, content?: string, ...flags: string[]) {
  if (content !== undefined) writeFileSync(join(directory, file), content);
  const context = testContext({ directory });
  await run(app, ["mil", "plan", file, ...flags], context);
  return { code: Number(context.process.exitCode), out: context.stdout(), err: context.stderr() };
}

const { fwdFFN } = llamaKernels({
  dim: 64,
  hiddenDim: 160,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  seqLen: 32,
  normEps: 1e-5,
  ropeTheta: 10000,
});

describe("a program", () => {
  it("is shown as its graph and as the device's own plan", async () => {
    const { code, out } = await plan("ffn.mil", print(fwdFFN.program));
    expect(code).toBe(0);
    const [graph, steps] = out.split("\n\nplan of ") as [string, string];
    expect(graph.split("\n")[0]).toBe("main<ios18>(x: fp16 [1, 64, 1, 32])");
    expect(graph).toMatch(
      /^ {2}y +.*conv\(.*weight=@model_path\/weights\/w2\.bin@64.*\) {2}fp16 \[1, 64, 1, 32\]$/m,
    );
    expect(graph.split("\n").at(-1)).toBe("  -> out");
    expect(steps).toBe(`${describePlan(fwdFFN.program)}\n`);
  });

  it("as one JSON object, with one entry per op that is no constant", async () => {
    const { out } = await plan("ffn.mil", print(fwdFFN.program), "--json", "--numerics", "fp32");
    const result = JSON.parse(out);
    const [main] = fwdFFN.program.functions;
    const computed = main!.operations.filter(({ type }) => type !== "const");
    expect(result).toMatchObject({ path: join(directory, "ffn.mil"), numerics: "fp32" });
    expect(result.graph[0].operations.map(({ op }: { op: string }) => op)).toEqual(
      computed.map(({ type }) => type),
    );
    expect(result.plan).toEqual(describePlan(fwdFFN.program, { numerics: "fp32" }).split("\n"));
  });
});

describe("a file that has no plan", () => {
  const unlowerable = buildProgram({}, (f) => {
    const x = f.input("x", tensor("int32", [1, 4, 1, 32]));
    return { y: f.add({ x, y: x }) };
  });

  it.each([
    ["absent.mil", undefined, /got nothing at .*absent\.mil\. Give a MIL text/],
    [".", undefined, /Manifest\.json/],
    ["text.mil", "once upon a time", /text\.mil: program text 1:1: expected "program", got "once"/],
    ["cut.mil", print(fwdFFN.program).slice(0, 3000), /cut\.mil: program text \d+:\d+: /],
    ["empty.mil", "", /empty\.mil: program text 1:1: /],
    ["integers.mil", () => print(unlowerable), /integers\.mil: main: .*fp16 or fp32/],
  ])("%s is refused with its reason, without a stack", async (file, content, expected) => {
    const { code, out, err } = await plan(
      file,
      typeof content === "function" ? content() : content,
    );
    expect(code).not.toBe(0);
    expect(out).toBe("");
    expect(err).toMatch(expected);
    expect(err).not.toContain("    at ");
  });
});

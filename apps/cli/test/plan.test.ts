/** `ane plan`: what it prints, and what it says about names that do not exist. */
import { run } from "@stricli/core";
import { describe, expect, it, vi } from "vitest";
import { app } from "../src/app.js";
import { testContext } from "./test-context.js";

vi.setConfig({ testTimeout: 60_000 }); // the first test loads everything

async function plan(...flags: string[]) {
  const context = testContext();
  await run(app, ["plan", ...flags], context);
  return { code: Number(context.process.exitCode), out: context.stdout(), err: context.stderr() };
}

describe("a plan", () => {
  it("has memory, counts and times, with their error", async () => {
    const { code, out } = await plan("--model", "stories110m", "--chip", "M4 Max");
    expect(code).toBe(0);
    expect(out).toContain(
      "stories110m (109.53M parameters) on m4-max, dynamic pipeline, derived kernels, 256 tokens",
    );
    expect(out).toMatch(/^ {2}parameters +438\.12 MB$/m);
    expect(out).toMatch(/^ {2}dispatches +48$/m);
    expect(out).toMatch(/^ {2}device: dispatch +\d+\.\d ms$/m);
    expect(out).toMatch(/A prediction: the model is within \d+ % of the \d+ published steps/);
  });

  it("as one JSON object, of what is asked for", async () => {
    const { out } = await plan(
      "--chip",
      "m2",
      "--pipeline",
      "static",
      "--seq",
      "64",
      "--accum",
      "5",
      "--json",
    );
    expect(JSON.parse(out)).toMatchObject({
      model: "stories110m",
      chip: "m2",
      pipeline: "static",
      kernels: "derived",
      seq: 64,
      accum: 5,
      counts: { dispatches: 48 },
    });
    const handwritten = ["--pipeline", "static", "--kernels", "handwritten", "--json"];
    expect(JSON.parse((await plan(...handwritten)).out)).toMatchObject({
      kernels: "handwritten",
      counts: { dispatches: 72 },
    });
  });

  it("of this machine has no rows of other implementations", async () => {
    const { out } = await plan("--chip", "cpu", "--model", "stories260k", "--json");
    const result = JSON.parse(out);
    expect(result).toMatchObject({ chip: "cpu", time: { dispatch: 0 } });
    expect(result.microStepMs).toBeGreaterThan(0);
    expect(result).not.toHaveProperty("publishedMs");
  });
});

it("the calibration names the source of every figure", async () => {
  const { out } = await plan("--calibration");
  expect(out).toMatch(
    /m4 static step +106\.7 ms, predicted +\d+\.\d .* maderix\/ANE training\/README\.md/,
  );
  const { rows } = JSON.parse((await plan("--calibration", "--json")).out);
  expect(rows.every(({ source }: { source: string }) => out.includes(source))).toBe(true);
});

it.each([
  [["--chip", "m4-mac"], 'chip: must be one of m1, .* got "m4-mac". Did you mean "m4-max"?'],
  [
    ["--model", "stories110n"],
    '--model: the model must be one of .*got "stories110n". Did you mean "stories110m"',
  ],
  [["--classes", "32001"], "classes: must be at most the vocabulary, 32000, got 32001"],
  [["--kernels", "hand"], '--kernels: expected derived, handwritten, got "hand"'],
  [["--seq", "100"], '--seq: expected a multiple of 32, got "100"'],
  [["--model", "qwen3-0.6b", "--pipeline", "static"], "must be dynamic for qwen3-0.6b"],
])("%j is refused, without a stack", async (flags, expected) => {
  const { code, out, err } = await plan(...flags);
  expect(code).not.toBe(0);
  expect(out).toBe("");
  expect(err).toMatch(new RegExp(expected.replace("?", "\\?")));
  expect(err).not.toContain("    at ");
});

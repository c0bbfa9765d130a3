/** Arguments: what is refused, and with which words. */
import { run } from "@stricli/core";
import { describe, expect, it } from "vitest";
import { app } from "../src/app.js";
import { testContext } from "./test-context.js";

async function runWith(...inputs: string[]) {
  const context = testContext();
  await run(app, inputs, context);
  return { code: Number(context.process.exitCode), out: context.stdout(), err: context.stderr() };
}

describe("help", () => {
  it.each([
    ["train"],
    ["eval"],
    ["sample"],
    ["data"],
    ["data", "info"],
    ["data", "tokenize"],
    ["plan"],
    ["mil", "plan"],
    ["mil", "replay"],
    ["export"],
    ["selftest"],
    ["doctor"],
    ["bench"],
  ])("%s %s has one", async (...command) => {
    const { code, out } = await runWith(...command.filter(Boolean), "--help");
    expect(code).toBe(0);
    expect(out).toContain(`ane ${command.filter(Boolean).join(" ")}`);
  });
});

describe("bad arguments", () => {
  it.each([
    [["train", "--stepz", "3"], "--steps"],
    [["train", "--steps", "0"], 'whole number of at least 1, got "0"'],
    [["train", "--steps", "1.5"], 'whole number of at least 1, got "1.5"'],
    [["train", "--steps", ""], 'expected a number, got ""'],
    [["train", "--lr", "-1"], 'greater than 0, got "-1"'],
    [["train", "--device", "gpu"], "gpu"],
    [["train", "--loss-scale", "auto"], 'dynamic or a number greater than 0, got "auto"'],
    [["train", "--schedule", "cos"], "cosine"],
    [["train", "--minutes", "-1"], 'of at least 0, got "-1"'],
    [["sample", "--init", "x.bin", "-p", "2"], 'from 0 to 1, got "2"'],
    [["sample"], "--init"],
    [["bench"], "--device"],
    [["bench", "--device", "auto"], "auto"],
    [["selftest", "--seq", "16"], 'whole number of at least 32, got "16"'],
    [["selftest", "--timeout", "0"], 'whole number of at least 1, got "0"'],
    [["trian"], "train"],
    [["data", "inf"], "info"],
  ])("%j is refused", async (inputs, expected) => {
    const { code, err } = await runWith(...inputs);
    expect(code).toBeLessThan(0);
    expect(err).toContain(expected);
  });
});

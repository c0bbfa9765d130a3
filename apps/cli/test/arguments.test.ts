/** Arguments: what is refused, and with which words. */
import { describe, expect, it } from "vitest";
import { allCommands } from "./all-commands.js";
import { runAne } from "./test-context.js";

const runWith = (...inputs: string[]) => runAne(inputs);

describe("help", () => {
  it.each(allCommands())("$command has one, with examples", async ({ command, flags }) => {
    const { code, out } = await runWith(...command, "--help");
    expect(code).toBe(0);
    expect(out).toContain(`ane ${command.join(" ")}`);
    expect(out).toMatch(/^Examples?:\n {2}.*ane /m);
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    // An example that has to be folded cannot be copied.
    expect(/^Examples?:\n.*?\n\n/ms.exec(out)?.[0]).not.toMatch(/^ {6}\S/m);
    // Nothing is lost: each flag has a row, and all of its words are there.
    const words = out.split(/\s+/).join(" ");
    for (const { hidden, brief } of Object.values(flags)) {
      if (!hidden) expect(words).toContain(brief.split(/\s+/).join(" "));
    }
    // Whatever prints data can print it for programs.
    const silent = ["dash", "completion"];
    expect("json" in flags || silent.includes(command.join(" "))).toBe(true);
  });

  it("the program has one, which explains its exit status", async () => {
    const { out } = await runWith("--help");
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(out).toMatch(/0 done, 1 failed, 2 the command line was wrong, 75 .*130 interrupted/s);
    for (const { command } of allCommands()) expect(out).toContain(`ane ${command[0]}`);
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
    [["sample"], "MODEL"],
    [["sample", "a.bin", "--init", "b.bin"], "--init: a model is given once"],
    [["bench"], "--device"],
    [["bench", "--device", "auto"], "auto"],
    [["selftest", "--seq", "16"], 'multiple of 32, got "16"'],
    [["selftest", "--timeout", "0"], 'whole number of at least 1, got "0"'],
    [["trian"], "train"],
    [["data", "inf"], "info"],
    [["mil", "derive", "absent.mjs"], "MODULE: must be an existing module"],
  ])("%j is refused", async (inputs, expected) => {
    const { code, err } = await runWith(...inputs);
    expect(code).toBe(2);
    expect(err).toContain(expected);
  });
});

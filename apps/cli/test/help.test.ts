/** Help that fits the terminal: what is folded, where, and that no word is lost. */
import {
  type Application,
  type CommandContext,
  generateHelpTextForAllCommands,
  run,
} from "@stricli/core";
import { describe, expect, it } from "vitest";
import { app } from "../src/app.js";
import { fitHelp } from "../src/help/fit-help.js";
import { runAne, testContext } from "./test-context.js";

const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== "");

describe("of every command", () => {
  const texts = generateHelpTextForAllCommands(app as unknown as Application<CommandContext>);

  it.each([20, 80, 97, 1000])("in %i columns: all words, within 60 to 100", (columns) => {
    expect(texts.length).toBeGreaterThan(20);
    const width = Math.min(Math.max(columns, 60), 100);
    for (const [command, text] of texts) {
      const fitted = fitHelp(text, columns, false);
      expect(wordsOf(fitted), command).toEqual(wordsOf(text));
      for (const line of fitted.split("\n")) {
        expect(line.length, line).toBeLessThanOrEqual(width);
        expect(line).toBe(line.trimEnd());
      }
    }
  });

  it("what a flag does stands in one column", () => {
    for (const [command, text] of texts) {
      const table = fitHelp(text, 80, false).trim().split("\nFLAGS\n")[1]?.split("\n\n")[0] ?? "";
      const starts = table
        .split("\n")
        .map((line) => /^(?: {2,6}(?:-\w +)?\[?--\S* +| {9,})/.exec(line)?.[0].length);
      expect(new Set(starts).size, command).toBe(1);
    }
  });
});

describe("what becomes of", () => {
  it("prose: neighbouring lines are one paragraph", () => {
    const text = `${"one two ".repeat(12).trim()}\nthree\n\nfour`;
    const line = "one two ".repeat(7).trim();
    expect(fitHelp(text, 60, false)).toBe(`${line} one\ntwo ${"one two ".repeat(4)}three\n\nfour`);
  });

  it("a row of a table: its second column goes on below itself, without the gap before what it may be", () => {
    const row = `  -z [--name]  ${"word ".repeat(12).trim()}      [a|b, default = a]`;
    expect(fitHelp(row, 60, false).split("\n")).toEqual([
      `  -z [--name]  ${"word ".repeat(9).trim()}`,
      `               ${"word ".repeat(3).trim()} [a|b, default = a]`,
    ]);
  });

  it("an example: as it is, or deeper where it is too long", () => {
    const short = "  ane train   # a comment";
    expect(fitHelp(short, 60, false)).toBe(short);
    const long = `  ane train ${"--flag value ".repeat(5).trim()}`;
    expect(fitHelp(long, 60, false)).toBe(
      `  ane train ${"--flag value ".repeat(3)}--flag\n      value --flag value`,
    );
  });
});

it("--help-all has what --help leaves out", async () => {
  const help = async (flag: string) => (await runAne(["train", flag])).out;
  expect(await help("--help-all")).toMatch(/^ +\[--scratch\] +Start from random parameters/m);
  expect(await help("-H")).toBe(await help("--help-all"));
  expect(await help("-h")).not.toContain("--scratch");
});

it("a terminal has headers underlined and names bold, of its own width", async () => {
  const help = "FLAGS\n  -h --help  Print";
  expect(fitHelp(help, 80, true)).toBe("\x1b[4mFLAGS\x1b[24m\n\x1b[1m  -h --help\x1b[22m  Print");
  const context = testContext();
  const stdout = { ...context.process.stdout, columns: 97 };
  await run(app, ["train", "--help"], { ...context, process: { ...context.process, stdout } });
  const widest = Math.max(
    ...context
      .stdout()
      .split("\n")
      .map(({ length }) => length),
  );
  expect(widest).toBeGreaterThan(90);
  expect(widest).toBeLessThanOrEqual(97);
});

/** What is proposed for a half-typed command line, and the scripts that ask for it, in real shells where there are any. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { app } from "../src/app.js";
import { propose } from "../src/completion/propose.js";
import { SHELLS } from "../src/completion/scripts.js";
import { runAne, testContext } from "./test-context.js";

async function proposed(...words: string[]): Promise<string[]> {
  const lines = await propose(app, words, testContext());
  return lines.split("\n").flatMap((line) => (line === "" ? [] : [line.split("\t")[0]!]));
}

describe("propose", () => {
  it.each([
    [["tr"], ["train"]],
    [
      ["data", ""],
      ["download", "tokenize", "info"],
    ],
    [["train", "--eval-w"], ["--eval-windows"]],
    [
      ["train", "--schedule", "c"],
      ["constant", "cosine"],
    ],
    [["train", "--iters", "5", "--pipel"], ["--pipeline"]],
    [
      ["train", "--model", "stories1"],
      ["stories15m", "stories110m"],
    ],
    [["data", "download", "stories15"], ["stories15M.bin"]],
    [["completion", "z"], ["zsh"]],
    [["mil", "v"], ["verify"]],
    [["plan", "--kernels", "h"], ["handwritten"]],
    [["train", "--data", "x"], []],
    [["nonsense", ""], []],
    [["info", ""], []], // files, which the shell knows
    [["info", "-"], ["--check"]],
    [["bench", ""], ["--device"]],
  ])("%j: %j", async (words, expected) => {
    expect(await proposed(...words)).toEqual(expect.arrayContaining(expected));
    if (expected.length === 0) expect(await proposed(...words)).toEqual([]);
  });

  it("runs by their names, where a command takes one", async () => {
    const directory = mkdtempSync(join(tmpdir(), "ane-completion-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    mkdirSync(join(directory, "runs", "mine"), { recursive: true });
    writeFileSync(join(directory, "runs", "mine", "config.json"), "{}");
    const context = testContext({ directory });
    for (const command of ["dash", "config show", "report", "compare", "sample", "eval"]) {
      const proposals = await propose(app, [...command.split(" "), ""], context);
      expect(proposals, command).toMatch(/^mine\t.*\n$/);
    }
  });

  it("describes candidates", async () => {
    expect(await propose(app, ["doc"], testContext())).toMatch(/^doctor\tWhat works/);
  });
});

/** How each shell is made to complete `ane train --sched`. */
const TRIALS = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  bash: 'source ./script; COMP_WORDS=(ane train --sched); COMP_CWORD=2; _ane; echo "${COMPREPLY[@]}"',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  zsh: 'compdef() { }; _describe() { print -l -- "${(@)candidates%%:*}" }; source ./script; words=(ane train --sched); CURRENT=3; _ane',
  fish: "source ./script; complete -C 'ane train --sched'",
} as const;

describe.each(SHELLS)("the script for %s", (shell) => {
  const exists = spawnSync(shell, ["-c", "exit 0"]).status === 0;

  it.skipIf(!exists)(`completes a flag${exists ? "" : `: there is no ${shell} here`}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "ane-completion-"));
    const answer = await propose(app, ["train", "--sched"], testContext());
    writeFileSync(join(folder, "script"), (await runAne(["completion", shell])).out);
    writeFileSync(join(folder, "answer"), answer);
    // Stands for the program, which other tests run: says what it was asked, and answers.
    const stub = `#!/bin/sh\necho "$@" > "${folder}/asked"\ncat "${folder}/answer"\n`;
    writeFileSync(join(folder, "ane"), stub, { mode: 0o755 });
    const { stdout, stderr } = spawnSync(shell, ["-c", `${TRIALS[shell]}; cat asked`], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` },
    });
    rmSync(folder, { recursive: true });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^--schedule/);
    expect(stdout).toContain("__complete train --sched\n");
  });
});

it("refuses other shells", async () => {
  const { code, err } = await runAne(["completion", "csh"]);
  expect([code, err]).toEqual([2, expect.stringContaining("SHELL: expected bash, zsh, fish")]);
});

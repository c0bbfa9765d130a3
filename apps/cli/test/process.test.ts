/** The built program as a shell sees it: exit status, pipes that are closed early, colours, standard error and output. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

function ane(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

describe("exit status", () => {
  it.each([
    [["--version"], 0],
    [["--help"], 0],
    [["data", "download", "--list"], 0],
    [["info", "package.json"], 0],
    [["info", fileURLToPath(import.meta.url)], 0],
    [["info", fileURLToPath(new URL("..", import.meta.url))], 1],
    [["nonsense"], 2],
    [["train", "--steps", "0"], 2],
    [["train", "--model", "stories16m"], 2],
    [["info", "absent"], 2],
  ])("%j: %i", (args, status) => {
    const result = ane(args);
    expect(result.status, result.stderr).toBe(status);
    // What is asked for goes to one stream, errors to the other.
    expect(result.stderr === "").toBe(status !== 2);
  });
});

it("a reader that has seen enough is no error", () => {
  const shell = `set -o pipefail; "${process.execPath}" "${program}" plan --calibration | head -n 1`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", shell], { encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "Fitted\n", stderr: "" });
});

it("no escape sequences without a terminal, whatever the environment wants", () => {
  for (const env of [{}, { NO_COLOR: "1" }, { TERM: "xterm-256color" }]) {
    for (const args of [["--help"], ["train", "--stepz", "1"], ["plan"], ["doctor"]]) {
      const { stdout, stderr } = ane(args, env);
      expect(`${stdout}${stderr}`).not.toContain("\u001b");
    }
  }
});

it("answers a shell that completes", () => {
  expect(ane(["__complete", "train", "--sched"]).stdout).toMatch(/^--schedule\t/);
  expect(ane(["__complete", "mil", "rep"]).stdout).toMatch(/^replay\t.*\n$/);
});

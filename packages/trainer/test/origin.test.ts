/** What a run's record says of the machine and the sources. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { findOrigin } from "../src/origin.js";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ane-origin-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it("names the machine, and no commit outside of a repository", async () => {
  const { machine, commit } = await findOrigin(temporaryFolder());
  expect(machine).toMatch(/^.+, \d+ cores, \d+ GB, \w+ \S+ \w+, Node \d+\.\d+\.\d+$/);
  expect(commit).toBeUndefined();
});

it("names the commit, and whether files differ from it", async () => {
  const folder = temporaryFolder();
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.example", ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  git("init");
  writeFileSync(join(folder, "file"), "1");
  git("add", "file");
  git("commit", "-m", "first");
  git("tag", "-a", "v1", "-m", "a tag");
  const head = git("rev-parse", "HEAD").slice(0, 12);
  expect((await findOrigin(folder)).commit).toBe(head);
  writeFileSync(join(folder, "file"), "2");
  expect((await findOrigin(folder)).commit).toBe(`${head}-dirty`);
});

/** The doctor's checks of tools, terminal and data, for machines that are not at hand; and all of it on this one. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeTokenFile } from "@ane/tokenizer-data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataChecks } from "../src/doctor/data-checks.js";
import { terminalCheck } from "../src/doctor/terminal-check.js";
import { mpiCheck, toolChecks } from "../src/doctor/tool-checks.js";
import { runAne } from "./test-context.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ane-doctor-"));
  writeTokenFile(join(folder, "large.bin"), [1, 31_999, 600]);
  writeTokenFile(join(folder, "small.bin"), [1, 5, 511]);
  writeFileSync(join(folder, "tokenizer.bin"), "version https://git-lfs.github.com/spec/v1\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("misses build tools only where native code has to be built", () => {
  const none = () => undefined;
  expect(toolChecks(none, true)).toMatchObject([{ status: "ok" }]);
  expect(toolChecks(none, false)).toMatchObject([
    { status: "warn", remedy: expect.stringContaining("compiler, make, python3") },
  ]);
  const onlyClang = (program: string) => (program === "clang++" ? "clang version 17" : undefined);
  expect(toolChecks(onlyClang, false)[0]?.remedy).toContain("without make, python3");
});

it.each([
  [undefined, "warn"],
  ["mpirun (Open MPI) 4.1.4", "ok"],
  ["HYDRA build details:", "warn"],
])("mpirun %s: %s", (version, status) => {
  expect(mpiCheck(() => version).status).toBe(status);
});

it.each([
  ["no terminal", { interactive: false }, "ok"],
  ["a good one", {}, "ok"],
  ["a small one", { columns: 30 }, "warn"],
  ["a dumb one", { env: { TERM: "dumb", LANG: "C.UTF-8" } }, "warn"],
  ["one without UTF-8", { env: { TERM: "xterm", LANG: "C" } }, "warn"],
])("terminal, %s", (_name, about, status) => {
  const good = {
    interactive: true,
    columns: 80,
    rows: 24,
    env: { TERM: "xterm", LANG: "de_DE.UTF-8" },
  };
  expect(terminalCheck({ ...good, ...about }).status).toBe(status);
});

describe("data", () => {
  const found = (about: Parameters<typeof dataChecks>[0]) =>
    Object.fromEntries(dataChecks(about).map((check) => [check.name, check.status]));
  const at = (name: string) => join(folder, name);

  it("that comes along is in order", () => {
    expect(found({})).toEqual({ tokenizer: "ok", "training data": "ok", "held-out data": "ok" });
  });

  it("must fit model and tokenizer", () => {
    expect(found({ model: "stories15m", data: at("large.bin") })).toEqual({
      tokenizer: "ok",
      model: "ok",
      vocabulary: "ok",
      data: "ok",
    });
    expect(found({ model: "stories260k", data: at("large.bin") })).toMatchObject({
      vocabulary: "fail",
      data: "fail",
    });
    expect(found({ data: at("small.bin") })).toMatchObject({ data: "ok" });
    expect(found({ data: at("absent.bin") })).toMatchObject({ data: "fail" });
    expect(found({ model: "stories16m" })).toEqual({ tokenizer: "ok", model: "fail" });
    expect(dataChecks({ tokenizer: at("tokenizer.bin") })[0]).toMatchObject({
      status: "fail",
      evidence: expect.stringContaining("git lfs pull"),
    });
  });
});

it("ane doctor asks about what is named, and ends with a count", async () => {
  const flags = ["--data", "large.bin", "--model", "stories260k"];
  const { code, out } = await runAne(["doctor", ...flags], { directory: folder });
  expect(code).toBe(1);
  expect(out).toMatch(/^fail {2}data +.*ids must be below/m);
  expect(out).toMatch(/\n\d+ ok, \d+ warnings, \d+ failures\n$/);
});

/** Where relative paths on the command line start. */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { userDirectory, userPath } from "../src/context.js";
import { testContext } from "./test-context.js";

const cliPackage = resolve(dirname(fileURLToPath(import.meta.url)), "..");

it("is the folder that pnpm was called in, when pnpm runs a script of this package", () => {
  expect(userDirectory(cliPackage, { INIT_CWD: "/home/me" })).toBe("/home/me");
});

it("is the working directory otherwise", () => {
  expect(userDirectory("/somewhere", { INIT_CWD: "/home/me" })).toBe("/somewhere");
  expect(userDirectory(cliPackage, {})).toBe(cliPackage);
});

it("resolves relative paths and keeps absolute ones", () => {
  const context = testContext({ directory: "/home/me" });
  expect(userPath(context, "runs/a")).toBe("/home/me/runs/a");
  expect(userPath(context, "/data/x.bin")).toBe("/data/x.bin");
});

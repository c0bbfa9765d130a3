import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeAtomically } from "../src/atomic-file.js";
import { temporaryFolder } from "./support/temporary-folder.js";

it("replaces a file by what is appended", () => {
  const folder = temporaryFolder();
  const path = join(folder, "file");
  writeFileSync(path, "old and longer");
  const bytes = writeAtomically(path, (append) => {
    append(Buffer.from("ne"));
    append(Buffer.from("w"));
  });
  expect(bytes).toBe(3);
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(readdirSync(folder)).toEqual(["file"]);
});

it("leaves the old file and nothing else where writing fails", () => {
  const folder = temporaryFolder();
  const path = join(folder, "file");
  writeFileSync(path, "old");
  const fail = () =>
    writeAtomically(path, (append) => {
      append(Buffer.from("half"));
      throw new Error("no space");
    });
  expect(fail).toThrow("no space");
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(folder)).toEqual(["file"]);
});

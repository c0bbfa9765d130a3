/** What the fake would not let pass, shown on programs that do it: the checks behind all other suites can fail. */
import { describe, expect, it } from "vitest";
import { runChild } from "./support/child.js";
import { ownTemporary } from "./support/folders.js";

describe("the memory of a surface", () => {
  it("written without a lock ends the process", async () => {
    const { signal, code, stderr } = await runChild(["open", "trespass"], ownTemporary());
    expect({ signal, code }).not.toEqual({ signal: null, code: 0 });
    expect(stderr).toMatch(/violation: surface \d+ \(unlocked\) was accessed at byte 0/);
  });

  it("read while the engine writes it ends the process", async () => {
    const env = ownTemporary();
    const { signal, code, stderr } = await runChild(["open", "compile:1", "hold:1", "peek"], env);
    expect({ signal, code }).not.toEqual({ signal: null, code: 0 });
    expect(stderr).toMatch(/violation: surface \d+ \(being written by the engine\) was accessed/);
    // The next process removes the folder of the one that ended so.
    await runChild(["open"], env);
  });
});

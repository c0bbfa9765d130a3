/** Finding the addon: order, and what is said when there is none. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadAddon } from "../../src/ane/load-addon.js";
import { UnavailableError } from "../../src/index.js";

const platform = "darwin-arm64";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ane-addon-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file that cannot be loaded, on any platform. */
function writeBroken(...path: string[]): string {
  const file = join(folder, ...path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, "not an addon");
  return file;
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(UnavailableError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

describe("loadAddon", () => {
  it("names the platform that has an engine, and the one that it is on", () => {
    const message = messageOf(() =>
      loadAddon({ platform: "linux-x64", binding: undefined, folder }),
    );
    expect(message).toMatch(
      /needs Apple silicon.*\(darwin-arm64\), got linux-x64\. .*openDevice\("cpu"\)/,
    );
  });

  it("lists what was tried, in order, and the command that fixes it", () => {
    const message = messageOf(() => loadAddon({ platform, binding: undefined, folder }));
    const lines = message.split("\n");
    expect(lines[0]).toMatch(/must load on darwin-arm64, got none:$/);
    expect(lines[1]).toBe(
      `  ${join(folder, "prebuilds/darwin-arm64/ane-runtime.node")}: no such file`,
    );
    expect(lines[2]).toBe(`  ${join(folder, "build/Release/ane_runtime.node")}: no such file`);
    expect(lines[3]).toContain("pnpm --filter @ane/ane-runtime run build:native");
  });

  it("tries a prebuilt addon before the local build, and says why each did not load", () => {
    const prebuilt = writeBroken("prebuilds", platform, "ane-runtime.armv8.node");
    const local = writeBroken("build", "Release", "ane_runtime.node");
    const message = messageOf(() => loadAddon({ platform, binding: undefined, folder }));
    expect(message.indexOf(prebuilt)).toBeGreaterThan(0);
    expect(message.indexOf(local)).toBeGreaterThan(message.indexOf(prebuilt));
    expect(message).not.toMatch(/no such file\n/);
  });

  it("takes the addon that ANE_RUNTIME_BINDING names, on any platform, and nothing else", () => {
    writeBroken("build", "Release", "ane_runtime.node");
    const binding = join(folder, "mine.node");
    const message = messageOf(() => loadAddon({ platform: "linux-x64", binding, folder }));
    expect(message).toContain(`${binding}: no such file`);
    expect(message).not.toContain("Release");
    expect(message).toContain("ANE_RUNTIME_BINDING");
  });

  it("gives back the module that loads", () => {
    const binding = join(folder, "addon.cjs");
    writeFileSync(binding, "module.exports = { loadedModels: () => 7 };");
    const addon = loadAddon({ platform: "linux-x64", binding, folder });
    expect(addon.loadedModels()).toBe(7);
  });
});

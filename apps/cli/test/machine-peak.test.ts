/** What `ane bench` measured is known later, for the same device alone. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { knownPeak, storePeak } from "../src/machine-peak.js";

it("remembers the peak of each device", () => {
  const XDG_CACHE_HOME = mkdtempSync(join(tmpdir(), "ane-peak-"));
  onTestFinished(() => rmSync(XDG_CACHE_HOME, { recursive: true }));
  const environment = { XDG_CACHE_HOME };
  expect(knownPeak(environment, "cpu: x64, 2 threads")).toBeUndefined();
  storePeak(environment, "cpu: x64, 2 threads", 0.5);
  storePeak(environment, "ane: M4", 15.8);
  storePeak(environment, "cpu: x64, 2 threads; chosen by hand", 0.6);
  expect(knownPeak(environment, 'cpu: x64, 2 threads; chosen by "auto"')).toBe(0.6);
  expect(knownPeak(environment, "ane: M4")).toBe(15.8);
  expect(knownPeak(environment, "cpu: x64, 4 threads")).toBeUndefined();
});

it("is no error where it cannot be remembered", () => {
  const environment = { XDG_CACHE_HOME: "/dev/null/nowhere" };
  storePeak(environment, "cpu", 1);
  expect(knownPeak(environment, "cpu")).toBeUndefined();
});

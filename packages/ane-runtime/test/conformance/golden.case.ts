/** Training kernels of another project, unmodified, against recorded values of every output. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { toHalfArray, writeBlobFile } from "@ane/mil-builder";
import { describe, expect, it } from "vitest";
import { maxAbs, maxDifference } from "../../src/selftest/numbers.js";
import { runOnDevice } from "../support/run.js";
import { caseOf, type Subject } from "./subject.js";

interface Recorded {
  readonly dtype: "fp16" | "fp32";
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const RELATIVE_ERROR = 2e-3;

export function goldenCases(subject: Subject): void {
  const root = process.env.ANE_TEST_DATA;
  const folder = root && join(root, "mil/programs");
  if (!folder || !existsSync(folder)) {
    it.skip(`${subject.name}: golden programs (ANE_TEST_DATA names no folder with mil/programs)`, () => {});
    return;
  }
  describe(`${subject.name}: golden programs`, () => {
    const names = readdirSync(folder).filter((file) => file.endsWith(".mil"));
    it("are all there", () => {
      expect(names.length).toBe(21);
    });
    for (const file of names) {
      caseOf(subject, file, () => runGolden(subject, folder, file));
    }
  });
}

function runGolden(subject: Subject, folder: string, file: string): void {
  const text = readFileSync(join(folder, file), "utf8");
  const packed = readFileSync(join(folder, file.replace(/\.mil$/, ".golden.json.gz")));
  const golden: Record<string, Recorded> = JSON.parse(gunzipSync(packed).toString("utf8"));
  const named = (prefix: string) =>
    Object.entries(golden).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
    );
  const weights = new Map(
    named("blob:").map(([key, { data }]) => {
      const path = key.slice(0, key.lastIndexOf("@"));
      return [path, writeBlobFile([{ dtype: "fp16", data: toHalfArray(data) }])];
    }),
  );
  const inputs = Object.fromEntries(named("input:").map(([name, { data }]) => [name, data]));
  using device = subject.open();
  const actual = runOnDevice(device, text, inputs, weights);
  const outputs = named("output:");
  expect(Object.keys(actual)).toEqual(outputs.map(([name]) => name));
  for (const [name, { data }] of outputs) {
    const expected = data;
    const error = maxDifference(actual[name]!, expected) / maxAbs(expected);
    expect(error, `output ${name}`).toBeLessThanOrEqual(RELATIVE_ERROR);
  }
}

/** Every example runs, and says what it should. */
import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, expect, test, vi } from "vitest";

/** What an example prints, line by line. */
async function outputOf(name: string): Promise<readonly string[]> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await import(`../../examples/${name}.ts`);
  return log.mock.calls.map((values) => values.join(" "));
}

afterEach(() => {
  vi.restoreAllMocks();
});

test("01-author-a-kernel", async () => {
  const [counts, verdict, text, error] = await outputOf("01-author-a-kernel");
  expect(counts).toBe("10 ops written, 8 left");
  expect(verdict).toBe("no rule broken on m4");
  expect(text).toContain("val = tensor<fp16, [1]>([0.25])");
  const [, size] = /fp16: (.*)$/.exec(error!)!;
  expect(Number(size)).toBeGreaterThan(0);
  expect(Number(size)).toBeLessThan(0.01);
});

test("02-write-an-mlpackage", async () => {
  const lines = await outputOf("02-write-an-mlpackage");
  const chips = ["m1", "m2", "m3", "m4", "m5"];
  expect(lines.slice(0, 5)).toEqual(chips.map((chip) => `${chip}: 0 rules broken`));
  const [, directory] = /^wrote (.*): specification 9, 4 weight files$/.exec(lines[5]!)!;
  await rm(dirname(directory!), { recursive: true });
});

test("03-derive-gradients", async () => {
  const [inputs, outputs, verdict, comparison] = await outputOf("03-derive-gradients");
  expect(inputs).toBe("inputs: x, y_gradient");
  expect(outputs).toBe("outputs: d_x, d_gamma, d_beta");
  expect(verdict).toBe("nothing that m4 is known to refuse");
  const [, derived, difference] = /^derivative (.*), by difference (.*)$/.exec(comparison!)!;
  expect(derived).toBe(difference);
});

test("there are no others", () => {
  const examples = readdirSync(new URL("../../examples", import.meta.url));
  expect(examples.toSorted()).toEqual([
    "01-author-a-kernel.ts",
    "02-write-an-mlpackage.ts",
    "03-derive-gradients.ts",
  ]);
});

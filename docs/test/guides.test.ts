/** The code of the guides does what they say. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Device, openDevice } from "@ane/ane-runtime";
import { expect, it } from "vitest";

const docs = fileURLToPath(new URL("..", import.meta.url));

/** The first block of TypeScript of a guide, as a module. */
async function codeOf(guide: string) {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readFileSync(`${docs}guides/${guide}.md`, "utf8"))!;
  mkdirSync(`${docs}generated/code`, { recursive: true });
  const file = `${docs}generated/code/${guide}.ts`;
  writeFileSync(file, code!);
  return import(/* @vite-ignore */ file);
}

/** y of the feed-forward layer of a program, for x of ones. */
function evaluate(device: Device, text: string, weights: ReadonlyMap<string, Uint8Array>) {
  const kernel = device.compile(text, weights);
  const [x, y] = [
    device.createSurface(kernel.inputs[0]!),
    device.createSurface(kernel.outputs[0]!),
  ];
  x.write((elements) => elements.fill(0x3c00));
  kernel.evaluate({ x, y });
  return y.read((elements) => Array.from(elements));
}

it("Author a kernel: builds, is verified, and computes", async () => {
  const { text, problems, first } = await codeOf("author-a-kernel");
  expect(text).toContain("conv(");
  expect(problems).toEqual([]);
  expect(first).not.toBe(0);
});

it("Write a device: the smallest one computes what the cpu device computes", async () => {
  const { InterpreterDevice } = await codeOf("write-a-device");
  const { text, weights } = await codeOf("author-a-kernel");
  const [interpreted, native] = [new InterpreterDevice(), openDevice("cpu")].map(
    (device: Device) => {
      using open = device;
      return evaluate(open, text, weights);
    },
  );
  expect(interpreted).toHaveLength(64 * 32);
  const differences = interpreted!.map((bits, i) => Math.abs(bits - native![i]!));
  expect(Math.max(...differences)).toBeLessThanOrEqual(2); // halves beside each other: fp32 sums of another order
});

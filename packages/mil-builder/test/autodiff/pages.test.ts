/** The code of docs/autodiff.md and docs/derive.md is that of the files in pages/, which do what the pages say. */
import { readFileSync } from "node:fs";
import { expect, it, vi } from "vitest";
import { grad, type Rules } from "../../src/autodiff/index.js";
import { buildProgram, interpret, tensor } from "../../src/index.js";
import { backward } from "./pages/gradient.js";
import { softmax } from "./pages/softmax-rule.js";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

it("no block of the pages is missing here", () => {
  const blocks = ["../../docs/autodiff.md", "../../../../docs/derive.md"].flatMap((page) =>
    [...read(page).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code),
  );
  const files = ["gradient", "softmax-rule", "gated-layer"].map((name) =>
    read(`./pages/${name}.ts`),
  );
  expect(blocks).toEqual(files);
});

it("the gradient of the sum of squares of silu", () => {
  const data = Float64Array.from({ length: 64 * 32 }, (_, i) => Math.sin(i));
  const x = { type: tensor("fp16", [1, 64, 1, 32]), data };
  const { d_x } = interpret(backward, { x }, { numerics: "fp32" });
  const slopes = Array.from(data, (value) => {
    const sigmoid = 1 / (1 + Math.exp(-value));
    return 2 * value * sigmoid * sigmoid * (1 + value * (1 - sigmoid));
  });
  for (const [i, slope] of slopes.entries()) expect(d_x!.data[i]).toBeCloseTo(slope, 2);
});

it("the rule of softmax gives what the table's gives", () => {
  const program = buildProgram({}, (f) => {
    return { y: f.softmax({ x: f.input("x", tensor("fp32", [2, 3])), axis: -1 }) };
  });
  const of = (data: readonly number[]) => ({ type: tensor("fp32", [2, 3]), data });
  const gradient = (rules: Rules) => {
    const derived = grad(program, { of: "y", wrt: ["x"], seed: "dy", rules });
    const inputs = { x: of([1, 2, 3, -1, 0, 1]), dy: of([1, 0, 2, 0, 3, -1]) };
    return Array.from(interpret(derived, inputs, { numerics: "fp32" }).d_x!.data, Number);
  };
  const expected = gradient({});
  expect(Math.hypot(...expected)).toBeGreaterThan(0.1);
  for (const [i, value] of gradient({ softmax }).entries())
    expect(value).toBeCloseTo(expected[i]!, 6);
});

it("the plan of a gated layer", async () => {
  const log = vi.spyOn(console, "log").mockReturnValue();
  const { layer } = await import("./pages/gated-layer.js");
  expect(log).toHaveBeenCalledWith(layer.explain());
  log.mockRestore();
  expect(layer.explain()).toMatch(/^gated: 2 kernels/);
  expect(layer.weightGradients.map(({ parameter }) => parameter).sort()).toEqual([
    "w1",
    "w2",
    "w3",
  ]);
});

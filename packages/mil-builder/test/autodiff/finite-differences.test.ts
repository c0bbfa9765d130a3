import { expect, it } from "vitest";
import type { Rules } from "../../src/autodiff/index.js";
import { RULES } from "../../src/autodiff/rules.js";
import { checkGradients } from "./finite-differences.js";

const check = (rules: Rules) => () =>
  checkGradients(
    (f, { x, w }) => f.concat({ values: [f.sin({ x }), f.mul({ x, y: w })], axis: 0 }),
    { x: { shape: [3] }, w: { shape: [3], constant: true } },
    { rules },
  );

it("passes right rules", () => {
  expect(check({ sin: RULES.sin! })).not.toThrow();
});

it("fails wrong ones: by a sign, by 0.1 %, of a constant, of zero", () => {
  const scaled =
    (factor: number): Rules["sin"] =>
    ({ f, value, cotangent }) => ({
      x: f.mul({ x: f.mul({ x: cotangent, y: f.cos({ x: value("x") }) }), y: factor }),
    });
  expect(check({ sin: scaled(1) })).not.toThrow();
  expect(check({ sin: scaled(-1) })).toThrow(/differences give/);
  expect(check({ sin: scaled(1.001) })).toThrow(/d_x\[\d\] = .*differences give/);
  expect(check({ sin: { zero: "wrong" } })).toThrow(/differences give/);
  const half: Rules["mul"] = ({ f, value, cotangent }) => ({
    x: f.mul({ x: cotangent, y: value("y") }),
    y: f.mul({ x: f.mul({ x: cotangent, y: value("x") }), y: 0.5 }),
  });
  expect(check({ mul: half })).toThrow(/d_w\[\d\]/);
});

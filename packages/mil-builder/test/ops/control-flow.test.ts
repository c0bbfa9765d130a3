import { describe, expect, it } from "vitest";
import { ArgumentError, buildProgram, interpret, ShapeError, tensor } from "../../src/index.js";
import { expectShapeError, given, runOne } from "./run-op.js";

describe("select", () => {
  const a = given("fp32", [2, 1], [1, 2]);
  const b = given("fp32", [1, 2], [10, 20]);

  it("chooses element by element, all three broadcast", () => {
    const cond = given("bool", [2, 2], [1, 0, 0, 1]);
    expect(runOne({ cond, a, b }, (f, v) => f.select(v))).toEqual({
      dtype: "fp32",
      shape: [2, 2],
      data: [1, 20, 10, 2],
    });
  });

  it("takes a scalar condition", () => {
    const cond = given("bool", [], [1]);
    expect(runOne({ cond, a, b }, (f, v) => f.select(v)).data).toEqual([1, 1, 2, 2]);
  });

  it("refuses a condition that would make the result larger", () => {
    const cond = given("bool", [3, 2, 2], new Array<number>(12).fill(1));
    expectShapeError(
      { cond, a, b },
      (f, v) => f.select({ cond: v.cond!, a: v.a!, b: v.b! }),
      /"cond"/,
    );
  });

  it("refuses a condition that is not boolean", () => {
    expectShapeError({ a, b }, (f, v) => f.select({ cond: v.a!, a: v.a!, b: v.b! }), /"cond"/);
  });
});

describe("cond", () => {
  const run = (pred: boolean) => {
    const program = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp32", [2]));
      const flag = f.input("flag", tensor("bool", []));
      const [sum, product] = f.cond({
        pred: flag,
        whenTrue: () => [f.add({ x, y: 1 }), f.mul({ x, y: 2 })],
        whenFalse: () => [x, f.sub({ x, y: 1 })],
      });
      return { sum: sum!, product: product! };
    });
    const x = { type: tensor("fp32", [2]), data: [3, 5] };
    const flag = { type: tensor("bool", []), data: [Number(pred)] };
    const { sum, product } = interpret(program, { x, flag }, { numerics: "fp32" });
    return [[...sum!.data], [...product!.data]];
  };

  it("gives the results of the branch that the predicate names", () => {
    expect(run(true)).toEqual([
      [4, 6],
      [6, 10],
    ]);
    expect(run(false)).toEqual([
      [3, 5],
      [2, 4],
    ]);
  });

  it("refuses branches with results of different types", () => {
    const build = () =>
      buildProgram({}, (f) => {
        const x = f.input("x", tensor("fp32", [2]));
        const pred = f.input("flag", tensor("bool", []));
        const cast = () => [f.cast({ x, dtype: "fp16" })];
        return f.cond({ pred, whenTrue: () => [x], whenFalse: cast });
      });
    expect(build).toThrow(ShapeError);
    expect(build).toThrow(/both blocks/);
  });

  it("hides what a branch defines", () => {
    const build = () =>
      buildProgram({}, (f) => {
        const x = f.input("x", tensor("fp32", [2]));
        const pred = f.input("flag", tensor("bool", []));
        let hidden = x;
        f.cond({
          pred,
          whenTrue: () => {
            hidden = f.relu({ x });
            return [hidden];
          },
          whenFalse: () => [x],
        });
        return [f.exp({ x: hidden })];
      });
    expect(build).toThrow(ArgumentError);
  });

  it("shares a literal between blocks only where both see it", () => {
    const program = buildProgram({}, (f) => {
      const x = f.input("x", tensor("fp32", [2]));
      const pred = f.input("flag", tensor("bool", []));
      const whenTrue = () => [f.add({ x, y: 7 })];
      const whenFalse = () => [f.mul({ x, y: 7 })];
      const [y] = f.cond({ pred, whenTrue, whenFalse });
      return { y: f.sub({ x: y!, y: 7 }) };
    });
    const [main] = program.functions;
    const consts = main!.operations.filter(({ type }) => type === "const");
    expect(consts).toHaveLength(1);
    const nested = main!.operations.find(({ type }) => type === "cond")!.blocks!;
    for (const { operations } of nested) {
      expect(operations.filter(({ type }) => type === "const")).toHaveLength(1);
    }
  });
});

describe("while_loop", () => {
  it("runs the body as long as the condition holds", () => {
    const program = buildProgram({}, (f) => {
      const base = f.input("base", tensor("fp32", []));
      const exponent = f.input("exponent", tensor("int32", []));
      const start = f.constant("start", tensor("int32", []), 0);
      const one = f.constant("one", tensor("fp32", []), 1);
      const [power] = f.while_loop({
        loop_vars: [one, start],
        condition: (_, i) => f.less({ x: i, y: exponent }),
        body: (total, i) => [f.mul({ x: total, y: base }), f.add({ x: i, y: 1 })],
      });
      return { power };
    });
    const power = (base: number, exponent: number) =>
      interpret(
        program,
        {
          base: { type: tensor("fp32", []), data: [base] },
          exponent: { type: tensor("int32", []), data: [exponent] },
        },
        { numerics: "fp32" },
      ).power!.data[0];
    expect(power(3, 4)).toBe(81);
    expect(power(3, 0)).toBe(1);
  });

  it("refuses a body that changes the type of a variable", () => {
    const build = () =>
      buildProgram({}, (f) => {
        const x = f.input("x", tensor("fp32", [2]));
        const [y] = f.while_loop({
          loop_vars: [x],
          condition: (value) => f.less({ x: f.reduce_sum({ x: value }), y: 1 }),
          body: (value) => [f.reduce_sum({ x: value })],
        });
        return { y };
      });
    expect(build).toThrow(/the body must keep/);
  });
});

import { describe, expect, it } from "vitest";
import { expectShapeError, given, run, runOne } from "./run-op.js";

const x = given("fp32", [2, 3], [3, 1, 2, 5, 5, 4]);

describe("cumsum", () => {
  it.each([
    [{ axis: 1 }, [3, 4, 6, 5, 10, 14]],
    [{}, [3, 1, 2, 8, 6, 6]],
    [{ axis: -1, exclusive: true }, [0, 3, 4, 0, 5, 10]],
    [{ axis: 1, reverse: true }, [6, 3, 2, 14, 9, 4]],
    [{ axis: 1, reverse: true, exclusive: true }, [3, 2, 0, 9, 4, 0]],
  ])("%o", (options, data) => {
    expect(runOne({ x }, (f, v) => f.cumsum({ x: v.x, ...options })).data).toEqual(data);
  });
});

describe("argsort", () => {
  it("gives positions, equal elements in their order", () => {
    const descending = runOne({ x }, (f, v) => f.argsort({ x: v.x }));
    expect(descending).toEqual({ dtype: "int32", shape: [2, 3], data: [0, 2, 1, 0, 1, 2] });
    const down = runOne({ x }, (f, v) => f.argsort({ x: v.x, axis: 0, ascending: true }));
    expect(down.data).toEqual([0, 0, 0, 1, 1, 1]);
  });
});

describe("topk", () => {
  it("gives values and positions along any axis", () => {
    const [values, indices] = run({ x }, (f, v) => f.topk({ x: v.x, k: 2 }));
    expect(values).toEqual({ dtype: "fp32", shape: [2, 2], data: [3, 2, 5, 5] });
    expect(indices).toEqual({ dtype: "int32", shape: [2, 2], data: [0, 2, 0, 1] });
    const down = run({ x }, (f, v) => f.topk({ x: v.x, axis: 0, ascending: true }));
    expect(down.map(({ data }) => data)).toEqual([
      [3, 1, 2],
      [0, 0, 0],
    ]);
    const [all] = run({ x }, (f, v) => f.topk({ x: v.x, k: -1 }));
    expect(all!.shape).toEqual([2, 3]);
  });

  it("leaves positions out, or gives them another dtype, where the opset can", () => {
    const alone = run({ x }, (f, v) => f.topk({ x: v.x, return_indices: false }), "ios16");
    expect(alone).toHaveLength(1);
    const [, short] = run({ x }, (f, v) => f.topk({ x: v.x, output_indices_dtype: "uint16" }));
    expect(short!.dtype).toBe("uint16");
    expectShapeError(
      { x },
      (f, v) => f.topk({ x: v.x!, output_indices_dtype: "uint16" }),
      /must exist in ios16/,
      "ios16",
    );
    expectShapeError(
      { x },
      (f, v) => f.topk({ x: v.x!, return_indices: false }),
      /must exist in ios15/,
      "ios15",
    );
    expectShapeError(
      { x },
      (f, v) => f.topk({ x: v.x!, return_indices: false, output_indices_dtype: "int32" }),
      /goes with "return_indices"/,
    );
  });

  it("refuses more elements than there are", () => {
    expectShapeError({ x }, (f, v) => f.topk({ x: v.x!, k: 4 }), /"k".*got 4/);
  });
});

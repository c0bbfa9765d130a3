import { describe, expect, it } from "vitest";
import { ArgumentError, buildProgram, interpret, tensor } from "../../src/index.js";
import { counting, expectShapeError } from "./run-op.js";

const thresholds = { iou_threshold: 0.5, max_boxes: 3 };

describe("non_maximum_suppression", () => {
  it("has four results before ios17, three from then on", () => {
    buildProgram({ opset: "ios16" }, (f) => {
      const boxes = f.input("boxes", tensor("fp16", [1, 8, 4]));
      const scores = f.input("scores", tensor("fp16", [1, 8, 2]));
      const old = f.non_maximum_suppression({ boxes, scores, score_threshold: 0, ...thresholds });
      expect(old.map(({ type }) => type.shape)).toEqual([[1, 3, 4], [1, 3, 2], [1, 3], [1]]);
      return old;
    });
    buildProgram({ opset: "ios17" }, (f) => {
      const boxes = f.input("boxes", tensor("fp16", [1, 4, 8]));
      const scores = f.input("scores", tensor("fp16", [1, 2, 8]));
      const found = f.non_maximum_suppression({ boxes, scores, ...thresholds });
      expect(found.map(({ type }) => type.shape)).toEqual([
        [1, 4, 3],
        [1, 2, 3],
        [1, 3],
      ]);
      return found;
    });
  });

  it("refuses boxes and scores that do not belong together", () => {
    const boxes = counting("fp16", [1, 4, 8]);
    const scores = counting("fp16", [1, 2, 7]);
    expectShapeError(
      { boxes, scores },
      (f, v) => f.non_maximum_suppression({ boxes: v.boxes!, scores: v.scores!, ...thresholds }),
      /must belong together/,
    );
  });

  it("is not computed, and says why", () => {
    const boxes = counting("fp16", [1, 4, 8]);
    const scores = counting("fp16", [1, 2, 8]);
    const program = buildProgram({}, (f) =>
      f.non_maximum_suppression({
        boxes: f.input("boxes", boxes.type),
        scores: f.input("scores", scores.type),
        ...thresholds,
      }),
    );
    const attempt = () => interpret(program, { boxes, scores }, { numerics: "fp16" });
    expect(attempt).toThrow(ArgumentError);
    expect(attempt).toThrow(/what pads the results/);
  });
});

describe("classify", () => {
  it("gives a label and a dictionary", () => {
    buildProgram({}, (f) => {
      const probabilities = f.input("p", tensor("fp32", [2]));
      const [label, all] = f.classify({ probabilities, classes: ["cat", "dog"] });
      expect(label!.type).toEqual({ kind: "tensor", dtype: "string", shape: [] });
      expect(all!.type).toMatchObject({ kind: "dictionary", value: { dtype: "fp64" } });
      return [f.relu({ x: probabilities })];
    });
  });

  it("needs a probability for every class", () => {
    const p = counting("fp32", [3]);
    expectShapeError(
      { p },
      (f, v) => f.classify({ probabilities: v.p!, classes: ["cat", "dog"] }),
      /one element per class/,
    );
  });
});

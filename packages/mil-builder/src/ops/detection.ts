/**
 * What follows after a network has found boxes or classes. Source: coremltools iOS15 and iOS17 tensor_operation.py, iOS15
 * classify.py.
 */
import { constantList, flag, integer, optional, real, tensorInput } from "../input-spec.js";
import { defineOp, FLOATS, type InferScope } from "../op-definition.js";
import type { TensorType, ValueType } from "../program.js";
import {
  dimsAgree,
  elementCount,
  formatShape,
  formatType,
  scalar,
  tensor,
} from "../tensor-type.js";

const TYPES = { T: { domain: FLOATS } } as const;
const PADDING = "what pads the results beyond the last selected box is not documented";

function checkBoxes(
  boxes: TensorType,
  scores: TensorType,
  axes: { readonly count: number; readonly coordinate: number },
  maxBoxes: number,
  scope: InferScope,
): void {
  const fits =
    boxes.shape.length === 3 &&
    scores.shape.length === 3 &&
    dimsAgree(boxes.shape[axes.coordinate]!, 4) &&
    dimsAgree(boxes.shape[0]!, scores.shape[0]!) &&
    dimsAgree(boxes.shape[axes.count]!, scores.shape[axes.count]!);
  if (!fits) {
    const expected = axes.count === 1 ? "[n, B, 4] and [n, B, K]" : "[n, 4, B] and [n, K, B]";
    const actual = `${formatShape(boxes.shape)} and ${formatShape(scores.shape)}`;
    throw scope.error('"boxes" and "scores" must belong together', expected, actual);
  }
  if (maxBoxes < 1) throw scope.error('"max_boxes" must be positive', "1 or more", `${maxBoxes}`);
}

/** Boxes are (x, y, width, height) with (x, y) in the center. */
const nonMaximumSuppression = defineOp({
  type: "non_maximum_suppression",
  summary: "the boxes of highest score that do not overlap each other too much",
  since: "ios15",
  types: TYPES,
  inputs: {
    boxes: tensorInput("T"),
    scores: tensorInput("T"),
    iou_threshold: real("T"),
    score_threshold: real("T"),
    max_boxes: integer(),
    per_class_suppression: optional(flag(), false),
  },
  results: ["boxes", "scores", "indices", "number of boxes"],
  infer: ({ boxes, scores, max_boxes }, scope): readonly TensorType[] => {
    checkBoxes(boxes, scores, { count: 1, coordinate: 2 }, max_boxes, scope);
    const [batch, , classes] = scores.shape as [number, number, number];
    return [
      tensor(boxes.dtype, [batch, max_boxes, 4]),
      tensor(scores.dtype, [batch, max_boxes, classes]),
      tensor("int32", [batch, max_boxes]),
      tensor("int32", [batch]),
    ];
  },
  refused: PADDING,
});

/** Boxes in the last dim, and no threshold of scores. */
const nonMaximumSuppressionIos17 = defineOp({
  type: "non_maximum_suppression",
  summary: "the boxes of highest score that do not overlap each other too much",
  since: "ios17",
  types: TYPES,
  inputs: {
    boxes: tensorInput("T"),
    scores: tensorInput("T"),
    iou_threshold: real("T"),
    max_boxes: integer(),
    per_class_suppression: optional(flag(), false),
  },
  results: ["boxes", "scores", "indices"],
  infer: ({ boxes, scores, max_boxes }, scope): readonly TensorType[] => {
    checkBoxes(boxes, scores, { count: 2, coordinate: 1 }, max_boxes, scope);
    const [batch, classes] = scores.shape as [number, number, number];
    return [
      tensor(boxes.dtype, [batch, 4, max_boxes]),
      tensor(scores.dtype, [batch, classes, max_boxes]),
      tensor("int32", [batch, max_boxes]),
    ];
  },
  refused: PADDING,
});

const classify = defineOp({
  type: "classify",
  summary: "the class of highest probability, and the probability of each",
  since: "ios15",
  types: { P: { domain: ["fp32"] } },
  inputs: { probabilities: tensorInput("P"), classes: constantList() },
  results: ["class", "probabilities"],
  infer: ({ probabilities, classes }, scope): readonly ValueType[] => {
    const { element, length } = classes;
    if (element.kind !== "tensor" || (element.dtype !== "string" && element.dtype !== "int64")) {
      const rule = '"classes" must be a list of names or numbers';
      throw scope.error(rule, "list<string> or list<int64>", formatType(classes));
    }
    if (!dimsAgree(length, elementCount(probabilities.shape))) {
      const rule = '"probabilities" must have one element per class';
      throw scope.error(rule, `${length}`, formatShape(probabilities.shape));
    }
    const label = scalar(element.dtype);
    return [label, { kind: "dictionary", key: label, value: scalar("fp64") }];
  },
  refused: "its results are a label and a dictionary, which are no tensors",
});

export const DETECTION_OPS = {
  non_maximum_suppression: [nonMaximumSuppression, nonMaximumSuppressionIos17],
  classify,
} as const;

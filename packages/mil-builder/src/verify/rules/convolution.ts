/** Rules about convolution and pooling. */
import { operationRule, type Rule } from "../rule.js";
import { singleType } from "../scope.js";

const MAX_INPUTS = 32000;
const CHANNEL_STEP_M1 = 32;
const MAX_POOL_WINDOW = 8;

const CONV_BIAS = operationRule({
  id: "conv-bias",
  statement: "conv has no bias",
  status: "single report",
  evidence: "Orion",
  remedy: "Add the bias in an op of its own.",
  ops: ["conv"],
  broken: ({ inputs }) => (inputs.bias === undefined ? undefined : "bias"),
});

const CONV_KERNEL = operationRule({
  id: "conv-kernel",
  statement: "a conv kernel is 1×15, 31×1 or 16×16 at most",
  status: "agreed",
  evidence: "ANEForge, 751K",
  remedy: "Split the convolution.",
  ops: ["conv"],
  broken({ inputs }) {
    const [height = 1, width = 1] = singleType(inputs.weight)?.shape.slice(2) ?? [];
    const fits =
      height === 1 ? width <= 15 : width === 1 ? height <= 31 : Math.max(height, width) <= 16;
    return fits ? undefined : `${height}×${width}`;
  },
});

const CONV_KERNEL_M1 = operationRule({
  id: "conv-kernel-m1",
  statement: "a conv kernel is 13 wide at most",
  status: "single report",
  evidence: "ANEForge",
  remedy: "Split the convolution.",
  chips: ["m1"],
  ops: ["conv"],
  broken({ inputs }) {
    const width = singleType(inputs.weight)?.shape[3] ?? 1;
    return width <= 13 ? undefined : `${width}`;
  },
});

const CONV_INPUTS = operationRule({
  id: "conv-inputs",
  statement: `conv has fewer than ${MAX_INPUTS} input channels`,
  status: "single report",
  evidence: "maderix/ANE training/ane_classifier.h: 32000 are rejected",
  remedy: "Use matmul with a constant.",
  ops: ["conv"],
  broken({ inputs }) {
    const channels = singleType(inputs.x)?.shape[1] ?? 0;
    return channels < MAX_INPUTS ? undefined : `${channels}`;
  },
});

const CONV_WEIGHT = operationRule({
  id: "conv-weight",
  statement: "the weight of conv is a compile-time constant",
  status: "conflicting",
  evidence:
    "field-guide: computed weights are silently ignored on M3 Max; ANEForge and 751K use them",
  remedy: "Use matmul.",
  ops: ["conv"],
  broken: ({ inputs }, scope) => (scope.isComputed(inputs.weight) ? "a computed value" : undefined),
});

const CONV_COMPILE_TIME = operationRule({
  id: "conv-compile-time",
  statement: "a conv kernel is smaller than 16×16",
  status: "single report",
  evidence: "ANEForge, 751K: a 16×16 conv takes 229 s and 11.7 GB to compile",
  remedy: "Split the convolution.",
  ops: ["conv"],
  broken({ inputs }) {
    const [height = 1, width = 1] = singleType(inputs.weight)?.shape.slice(2) ?? [];
    return height === 16 && width === 16 ? `${height}×${width}` : undefined;
  },
});

const CONV_CHANNELS_M1 = operationRule({
  id: "conv-channels-m1",
  statement: `conv has a multiple of ${CHANNEL_STEP_M1} input channels`,
  status: "single report",
  evidence: "imperatormk, on M1: others are rejected",
  remedy: "Pad the channels.",
  chips: ["m1"],
  ops: ["conv"],
  broken({ inputs }) {
    const channels = singleType(inputs.x)?.shape[1] ?? 0;
    return channels % CHANNEL_STEP_M1 > 0 ? `${channels}` : undefined;
  },
});

const POOL_WINDOW = operationRule({
  id: "pool-window",
  statement: `a max_pool window is ${MAX_POOL_WINDOW} long at most`,
  status: "agreed",
  evidence: "ANEForge, 751K",
  remedy: "Pool twice.",
  ops: ["max_pool"],
  broken({ inputs }, scope) {
    const sizes = scope.numbers(inputs.kernel_sizes) ?? [];
    return sizes.some((size) => size > MAX_POOL_WINDOW) ? sizes.join("×") : undefined;
  },
});

export const CONVOLUTION_RULES: readonly Rule[] = [
  CONV_BIAS,
  CONV_KERNEL,
  CONV_KERNEL_M1,
  CONV_COMPILE_TIME,
  CONV_CHANNELS_M1,
  CONV_INPUTS,
  CONV_WEIGHT,
  POOL_WINDOW,
];

/** That a layer and the options of its derivation are what their types say: a caller in JavaScript learns it before anything is derived. */
import { OPSETS } from "../../opset.js";
import {
  isRecord,
  LISTS_OF_NAMES,
  NAMES,
  type OptionRule,
  type OptionRules,
  oneOf,
  required,
  shown,
  TEXT,
  wrongOption,
} from "../option-rules.js";
import { OWN_RULES } from "../own-rules.js";
import { DeriveError } from "./derive-error.js";
import { type DeviceCosts, M3_COSTS } from "./device-costs.js";
import type { DeriveOptions, LayerDefinition } from "./types.js";

const OPTIONS: OptionRules<DeriveOptions> = {
  seqLen: required({ rule: "a number", isValid: Number.isFinite }),
  pipeline: required(oneOf("static", "dynamic")),
  dtype: oneOf("fp16", "fp32"),
  opset: oneOf(...OPSETS),
  chip: oneOf("m1", "m2", "m3", "m4", "m5"),
  packing: oneOf("surface", "ports"),
  dw: oneOf("cpu", "device"),
  gradients: NAMES,
  frozen: NAMES,
  save: NAMES,
  recompute: NAMES,
  cutAfter: LISTS_OF_NAMES,
  costs: { rule: "an object with prices", isValid: isRecord },
  rules: OWN_RULES,
};

const PRICE: OptionRule = {
  rule: "a finite number of at least 0",
  isValid: (given) => Number.isFinite(given) && (given as number) >= 0,
};
const RATE: OptionRule = {
  rule: "a finite number greater than 0",
  isValid: (given) => Number.isFinite(given) && (given as number) > 0,
};

const COSTS = Object.fromEntries(
  Object.keys(M3_COSTS).map((name) => [name, name.endsWith("Ms") ? PRICE : RATE]),
) as OptionRules<DeviceCosts>;

const RECORD: OptionRule = { rule: "an object", isValid: isRecord };

const LAYER: OptionRules<LayerDefinition> = {
  name: required(TEXT),
  inputs: required(RECORD),
  parameters: required(RECORD),
  constants: RECORD,
  forward: required({ rule: "a function", isValid: (given) => typeof given === "function" }),
};

const CHANNELS: OptionRule = { rule: "a count of channels", isValid: isCount };
const SHAPED: OptionRule = {
  rule: "{ shape } of positive integers",
  isValid: (given) => {
    const { shape } = isRecord(given) ? given : {};
    return Array.isArray(shape) && shape.length > 0 && shape.every(isCount);
  },
};
const BLOB: OptionRule = {
  rule: "what constantBlob returns",
  isValid: (given) => isRecord(given) && isRecord(given.type) && typeof given.path === "string",
};

/** @throws DeriveError naming the option, or the part of the layer */
export function expectOptions(layer: LayerDefinition, options: DeriveOptions): void {
  const wrong =
    wrongOption(layer, LAYER) ??
    wrongOption(layer.inputs, each(layer.inputs, CHANNELS)) ??
    wrongOption(layer.parameters, each(layer.parameters, SHAPED)) ??
    wrongOption(layer.constants ?? {}, each(layer.constants ?? {}, BLOB)) ??
    wrongOption(options, OPTIONS) ??
    wrongOption(options.costs ?? {}, COSTS);
  if (wrong === undefined) return;
  const isNamed = isRecord(layer) && typeof layer.name === "string" && layer.name !== "";
  throw new DeriveError("layer", `${isNamed ? layer.name : "layer"}: ${wrong}`);
}

function each(record: Readonly<Record<string, unknown>>, rule: OptionRule) {
  return Object.fromEntries(Object.keys(record).map((name) => [name, required(rule)]));
}

/** That `forward` returned values by name. @throws DeriveError */
export function expectOutputs(name: string, outputs: unknown): void {
  const isValue = (given: unknown) => isRecord(given) && isRecord(given.type);
  if (
    isRecord(outputs) &&
    Object.values(outputs).length > 0 &&
    Object.values(outputs).every(isValue)
  )
    return;
  throw new DeriveError(
    "layer",
    `${name}: forward must return its results by name, got ${shown(outputs)}. Write return { y }.`,
  );
}

function isCount(given: unknown): boolean {
  return Number.isSafeInteger(given) && (given as number) > 0;
}

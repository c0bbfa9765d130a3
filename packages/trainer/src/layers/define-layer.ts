/**
 * A layer type: parameters and the forward pass as MIL. Nothing else is to be written: the kernels that train it are derived.
 * Tensors are [N, C, H, W]; text is [1, D, 1, S], channels first.
 */
import type { FunctionBuilder, Value } from "@ane/mil-builder";
import { expectRules, type Rules } from "@ane/mil-builder/autodiff";
import { messageOf } from "../input-files.js";
import type { Initialization } from "../model-record.js";
import { DefinitionError } from "./definition-error.js";

/** A parameter of a layer. */
export interface ParameterDefinition {
  /**
   * [out, in] for a matrix, which `forward` multiplies by with `project`; [C] for a vector, which it gets as [1, C, 1, 1]; any other
   * shape comes as it is.
   */
  readonly shape: readonly number[];
  /**
   * How it begins: "normal" with a standard deviation of 0.02, "he" with √(2 / inputs), { normal: σ }, "zeros" or "ones".
   * Default: "zeros" for vectors, "normal" for everything else.
   */
  readonly init?: "normal" | "he" | Initialization;
  /** Whether weight decay applies. Default: to everything but vectors. */
  readonly decay?: boolean;
}

/** A table that a layer brings along, such as a mask. */
export interface ConstantDefinition {
  readonly shape: readonly number[];
  /** All elements in row-major order. */
  readonly elements: () => ArrayLike<number>;
}

/** What `forward` works with. */
export interface LayerValues<Parameter extends string, Constant extends string> {
  readonly x: Value;
  /** Parameters. */
  readonly w: Readonly<Record<Parameter, Value>>;
  readonly constants: Readonly<Record<Constant, Value>>;
}

export interface LayerDefinition<
  Parameter extends string = string,
  Constant extends string = string,
> {
  /** Such as "attention": an identifier. */
  readonly name: string;
  readonly parameters?: Readonly<Record<Parameter, ParameterDefinition>>;
  readonly constants?: Readonly<Record<Constant, ConstantDefinition>>;
  /** The layer's result is x + forward(x), added in fp32. Default false. */
  readonly residual?: boolean;
  /** Gradient rules by op type, for this layer alone: of ops that have none, or in place of those that they have. */
  readonly rules?: Rules;
  /** Appends the layer's ops and returns its result, [N, C, H, W]. */
  forward(f: FunctionBuilder, values: LayerValues<Parameter, Constant>): Value;
}

const IDENTIFIER = /^[A-Za-z][A-Za-z0-9_]*$/;

/** Defines a layer type. @throws DefinitionError naming layer, parameter and what is wrong with it. */
export function defineLayer<Parameter extends string = never, Constant extends string = never>(
  definition: LayerDefinition<Parameter, Constant>,
): LayerDefinition<Parameter, Constant> {
  const { name, parameters = {}, constants = {}, forward } = definition;
  if (typeof name !== "string" || !IDENTIFIER.test(name)) {
    throw new DefinitionError(
      "layer",
      `the name must be letters, digits and _, beginning with a letter, got ${JSON.stringify(name)}. Name it, such as "attention".`,
    );
  }
  if (typeof forward !== "function") {
    throw new DefinitionError(
      `layer "${name}"`,
      `forward must be a function, got ${typeof forward}. Write forward(f, { x, w }) { return ...; }.`,
    );
  }
  const tables = { parameter: parameters, constant: constants };
  for (const [kind, table] of Object.entries(tables)) {
    for (const [own, given] of Object.entries<{ readonly shape: readonly number[] }>(table)) {
      const where = `layer "${name}", ${kind} "${own}"`;
      expectName(where, own);
      expectShape(where, given?.shape);
    }
  }
  for (const [own, { elements }] of Object.entries<ConstantDefinition>(constants)) {
    if (typeof elements === "function") continue;
    throw new DefinitionError(
      `layer "${name}", constant "${own}"`,
      `elements must be a function that gives them, got ${typeof elements}. Write elements: () => [...].`,
    );
  }
  for (const [own, { init }] of Object.entries<ParameterDefinition>(parameters)) {
    expectInit(`layer "${name}", parameter "${own}"`, init);
  }
  expectLayerRules(`layer "${name}"`, definition.rules);
  return definition;
}

function expectLayerRules(where: string, rules: unknown): void {
  if (rules === undefined) return;
  try {
    expectRules(rules);
  } catch (cause) {
    throw new DefinitionError(where, messageOf(cause), { cause });
  }
}

/** Every layer has an x and a y: what goes in and what comes out. */
function expectName(where: string, name: string): void {
  if (IDENTIFIER.test(name) && name !== "x" && name !== "y") return;
  throw new DefinitionError(
    where,
    `the name must be letters, digits and _, beginning with a letter, other than x and y, got ${JSON.stringify(name)}. Rename it.`,
  );
}

function expectShape(where: string, shape: unknown): void {
  const isShape =
    Array.isArray(shape) &&
    shape.length > 0 &&
    shape.every((dim) => Number.isSafeInteger(dim) && dim > 0);
  if (isShape) return;
  throw new DefinitionError(
    where,
    `the shape must be a list of positive integers, got ${JSON.stringify(shape)}. Give one, such as [256, 64].`,
  );
}

function expectInit(where: string, init: ParameterDefinition["init"]): void {
  if (init === undefined || ["normal", "he", "zeros", "ones"].includes(init as string)) return;
  const std = typeof init === "object" ? init?.normal : undefined;
  if (typeof std === "number" && Number.isFinite(std) && std >= 0) return;
  throw new DefinitionError(
    where,
    `init must be "normal", "he", "zeros", "ones" or { normal: σ }, got ${JSON.stringify(init)}. Choose one of them.`,
  );
}

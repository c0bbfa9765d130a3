/**
 * Vector-Jacobian rules: what an op's rule is given, and what it returns. A rule appends MIL ops that compute the gradients of
 * the op's arguments from those of its results (cotangents).
 */
import type { FunctionBuilder } from "../builder.js";
import type { Operation, Value } from "../program.js";

/** What a rule sees of one op of the forward program inside the joint function. */
export interface Vjp {
  /** Appends to the joint function. */
  readonly f: FunctionBuilder;
  /** The forward op; its values are those of the joint function. */
  readonly operation: Operation;
  /** A tensor argument, computed or constant. @throws GradientError if it is absent */
  value(name: string): Value;
  /** A tuple argument. */
  values(name: string): readonly Value[];
  /** True if the argument is given. */
  has(name: string): boolean;
  /** Compile-time parameters, the op's default where they are absent. @throws GradientError if the program computes them */
  number(name: string): number;
  numbers(name: string): readonly number[];
  flag(name: string): boolean;
  flags(name: string): readonly boolean[];
  text(name: string): string;
  /** Elements of a tensor argument that is written out in the program; undefined if they are computed or in a weight file. */
  elements(name: string): readonly number[] | undefined;
  /** Results of the forward op. */
  readonly outputs: readonly Value[];
  /** The only result. */
  readonly output: Value;
  /** Gradients of the results, of their shapes; undefined: nothing depends on that result. */
  readonly cotangents: readonly (Value | undefined)[];
  /** Gradient of the only result, of its shape. */
  readonly cotangent: Value;
  /** The same with 1 in place of dims along which it is constant: broadcasts to the shape, for ops that broadcast anyway. */
  readonly compactCotangent: Value;
  /** True if the gradient of that argument (of that item of a tuple) is needed. */
  wants(name: string, index?: number): boolean;
}

/**
 * Gradients by argument name, a list for tuples. What is not wanted may be left out; what is wanted is there, undefined if it is zero.
 * A gradient has the rank of the argument, and its dims or 1 where it is constant along them.
 */
export type VjpRule = (vjp: Vjp) => Gradients;
export type Gradients = Readonly<
  Record<string, Value | undefined | readonly (Value | undefined)[]>
>;

/** The derivative is zero wherever it exists, or there is none to ask for. */
export interface ZeroRule {
  /** Why: `piecewise constant`. */
  readonly zero: string;
}

/** Gradients that arrive at such an op are an error. */
export interface RefusedRule {
  readonly refused: string;
  /** What to do instead, an imperative sentence without its full stop. */
  readonly advice: string;
}

/** What is known about the gradient of an op. */
export type RuleEntry = VjpRule | ZeroRule | RefusedRule;
/** By op type. */
export type Rules = Readonly<Record<string, RuleEntry>>;

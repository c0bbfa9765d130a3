/**
 * Casts: one to the dtype that a tensor already has is dropped; one of a cast reads the tensor before it, if the first cast
 * lost nothing. A cast that rounds (fp32 to fp16) or converts numbers that might not fit stays where it is.
 *
 * Before:
 *
 *     func main<ios18>(tensor<fp16, [1, 4]> x) {
 *             string single = const()[val = string("fp32")];
 *             string half = const()[val = string("fp16")];
 *             tensor<fp32, [1, 4]> wide = cast(dtype = single, x = x);
 *             tensor<fp16, [1, 4]> narrow = cast(dtype = half, x = wide);
 *             tensor<fp16, [1, 4]> y = relu(x = narrow);
 *         } -> (y);
 *
 * After (dead code removal then drops what nobody reads):
 *
 *     func main<ios18>(tensor<fp16, [1, 4]> x) {
 *             string single = const()[val = string("fp32")];
 *             string half = const()[val = string("fp16")];
 *             tensor<fp32, [1, 4]> wide = cast(dtype = single, x = x);
 *             tensor<fp16, [1, 4]> y = relu(x = x);
 *         } -> (y);
 */
import { DTYPES, integerRange, isInteger } from "../dtype.js";
import type { Argument, DType, Operation, Program } from "../program.js";
import { sameType } from "../tensor-type.js";
import { mapFunctions } from "./pass.js";
import { KEEP, type Rewrite, rewriteFunction } from "./rewrite.js";

/** Drops casts that change nothing, and intermediate types that lose nothing. */
export function simplifyCasts(program: Program): Program {
  return mapFunctions(program, (main) =>
    rewriteFunction(main, (operation, scope) => {
      const { type, inputs, outputs } = operation;
      if (type !== "cast") return KEEP;
      const result = outputs[0]!;
      const inner = scope.producer(inputs.x);
      const source =
        inner?.type === "cast" && isSkippable(inner, dtypeOf(result)) ? inner.inputs.x! : inputs.x!;
      const shorter: Rewrite =
        source === inputs.x
          ? KEEP
          : { operations: [{ ...operation, inputs: { ...inputs, x: source } }] };
      return source.kind === "value" && sameType(source.value.type, result.type)
        ? { ...shorter, values: [source.value] }
        : shorter;
    }),
  );
}

/** True if `target` receives the same elements without the first cast. */
function isSkippable({ inputs, outputs }: Operation, target: DType): boolean {
  const from = argumentDType(inputs.x);
  const through = dtypeOf(outputs[0]!);
  if (from === undefined || !holds(through, from)) return false;
  // What becomes of numbers that do not fit may depend on the kind of number.
  const isSameKind = isInteger(from) === isInteger(through) && from !== "bool";
  return isSameKind || holds(target, from);
}

/** True if every value of `from` is one of `to`. */
function holds(to: DType, from: DType): boolean {
  if (to === from || from === "bool") return to !== "string";
  const inner = DTYPES[from];
  const outer = DTYPES[to];
  if (inner.format !== undefined) {
    if (outer.format === undefined) return false;
    return (
      outer.format.fractionBits >= inner.format.fractionBits &&
      outer.format.minExponent <= inner.format.minExponent &&
      outer.format.maxFinite >= inner.format.maxFinite
    );
  }
  if (!isInteger(from)) return false;
  const { min, max } = integerRange(from);
  if (isInteger(to)) {
    const range = integerRange(to);
    return range.min <= min && range.max >= max;
  }
  if (outer.format === undefined) return false;
  const largest = 2 ** (outer.format.fractionBits + 1);
  return -largest <= Number(min) && Number(max) <= largest;
}

function dtypeOf({ type }: Operation["outputs"][number]): DType {
  return type.kind === "tensor" ? type.dtype : "string";
}

function argumentDType(argument: Argument | undefined): DType | undefined {
  return argument?.kind === "value" ? dtypeOf(argument.value) : undefined;
}

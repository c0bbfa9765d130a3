/** Static types of parameters, derived from their specifications: for the builder, for type inference, for evaluation. */
import type {
  AnySpec,
  AnyTupleSpec,
  ChoiceSpec,
  FlagSpec,
  FlagsSpec,
  FlagTupleSpec,
  InputSpec,
  InputSpecs,
  IntegerSpec,
  IntegersSpec,
  IntegerTupleSpec,
  ListSpec,
  ScalarSpec,
  StateSpec,
  TensorSpec,
  TextSpec,
  TupleSpec,
} from "./parameter-spec.js";
import type { AnyValue, ListType, StateType, TensorType, Value, ValueType } from "./program.js";
import type { Tensor } from "./tensor.js";

/** Builder-side type of one argument: MIL values, or JavaScript literals that become consts. */
export type ArgumentOf<S extends InputSpec> = S extends TensorSpec
  ? Value | (S["literal"] extends "boolean" ? boolean : number)
  : S extends TupleSpec
    ? readonly Value[]
    : S extends IntegersSpec
      ? readonly number[] | Value
      : S extends IntegerSpec | ScalarSpec
        ? number | (S extends { readonly literal: "any" } ? boolean : never) | Value
        : S extends FlagSpec
          ? boolean | Value
          : S extends FlagsSpec
            ? readonly boolean[] | Value
            : S extends ChoiceSpec
              ? S["choices"][number] | Value
              : NonTensorArgumentOf<S>;

type NonTensorArgumentOf<S extends InputSpec> = S extends TextSpec
  ? string | Value
  : S extends IntegerTupleSpec
    ? readonly (number | Value | (S["dynamic"] extends true ? string : never))[]
    : S extends FlagTupleSpec
      ? readonly (boolean | Value)[]
      : S extends ListSpec
        ? Value<ListType> | (S["constant"] extends true ? readonly string[] : never)
        : S extends StateSpec
          ? Value<StateType>
          : S extends AnySpec
            ? AnyValue
            : S extends AnyTupleSpec
              ? readonly AnyValue[]
              : never;

type Plain<S extends InputSpec, TensorForm, AnyForm, Computed> = S extends TensorSpec
  ? TensorForm
  : S extends TupleSpec
    ? readonly TensorForm[]
    : S extends IntegersSpec
      ? readonly number[] | (S["dynamic"] extends true ? Computed : never)
      : S extends IntegerSpec
        ? number | (S["dynamic"] extends true ? Computed : never)
        : S extends ScalarSpec
          ? number
          : S extends FlagSpec
            ? boolean
            : S extends FlagsSpec | FlagTupleSpec
              ? readonly boolean[]
              : S extends ChoiceSpec
                ? S["choices"][number]
                : S extends TextSpec
                  ? string
                  : S extends IntegerTupleSpec
                    ? readonly (number | (S["dynamic"] extends true ? Computed : never))[]
                    : S extends ListSpec
                      ? ListType
                      : S extends StateSpec
                        ? StateType
                        : S extends AnySpec
                          ? AnyForm
                          : S extends AnyTupleSpec
                            ? readonly AnyForm[]
                            : never;

type OrAbsent<S extends InputSpec> = S["required"] extends true
  ? never
  : S["fallback"] extends undefined
    ? undefined
    : never;

/** Inputs as type inference sees them: types of tensors, values of constants (or the type of what is computed). */
export type InferredInputs<I extends InputSpecs> = {
  readonly [K in keyof I]: Plain<I[K], TensorType, ValueType, TensorType> | OrAbsent<I[K]>;
};

/** Inputs as evaluation sees them: tensors with elements, values of constants. */
export type EvaluatedInputs<I extends InputSpecs> = {
  readonly [K in keyof I]: Plain<I[K], Tensor, Tensor, never> | OrAbsent<I[K]>;
};

type RequiredNames<I extends InputSpecs> = {
  [K in keyof I]: I[K]["required"] extends true ? K : never;
}[keyof I];

/** The object literal that a builder method takes. */
export type OpArguments<I extends InputSpecs> = {
  readonly [K in RequiredNames<I>]: ArgumentOf<I[K]>;
} & {
  readonly [K in Exclude<keyof I, RequiredNames<I>>]?: ArgumentOf<I[K]> | undefined;
};

/** Every op of the table, given extents and numbers that no memory could hold: type inference refuses or gives a type. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, parse } from "../../src/index.js";
import type { OpDefinition } from "../../src/op-definition.js";
import { FAMILIES, opVariants } from "../../src/ops/table.js";
import { OPSETS } from "../../src/opset.js";
import type { InputSpec } from "../../src/parameter-spec.js";

const DIMS = ["0", "1", "2", "3", "?", "1048576", "2147483647", "9007199254740991"];
const INTEGERS = [0, 1, 2, 3, -1, -2, 65536, 2147483647, -2147483648];

const shape = fc.array(fc.constantFrom(...DIMS), { maxLength: 4 }).map((dims) => dims.join(", "));
const tensor = fc
  .tuple(fc.constantFrom("fp16", "fp16", "fp32", "int32", "bool", "int8"), shape)
  .map(([dtype, dims]) => `tensor<${dtype}, [${dims}]>`);
const parameters = fc
  .tuple(tensor, tensor, tensor)
  .map((types) => types.map((type, index) => `${type} v${index}`).join(", "));

const value = fc.constantFrom("v0", "v1", "v2", "half", "cells", "kv");
const integer = fc.constantFrom(...INTEGERS).map((number) => `int32(${number})`);
const flag = fc.constantFrom("bool(true)", "bool(false)");

function vector(dtype: string, elements: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc
    .array(elements, { maxLength: 4 })
    .map((list) => `tensor<${dtype}, [${list.length}]>([${list.join(", ")}])`);
}

function tuple(items: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.array(items, { minLength: 1, maxLength: 3 }).map((list) => `(${list.join(", ")})`);
}

function argument(spec: InputSpec): fc.Arbitrary<string> {
  const integers = vector("int32", fc.constantFrom(...INTEGERS));
  const flags = vector("bool", fc.boolean());
  switch (spec.kind) {
    case "integer":
      return fc.oneof(integer, value);
    case "integers":
      return fc.oneof(integers, value);
    case "integer_tuple":
      return tuple(integer);
    case "scalar":
      return fc.constantFrom("fp16(0)", "fp16(2)", "fp32(-1)", "int32(2147483647)");
    case "flag":
      return flag;
    case "flags":
      return flags;
    case "flag_tuple":
      return tuple(flag);
    case "choice":
      return fc.constantFrom(...spec.choices).map((choice) => `string("${choice}")`);
    case "tuple":
    case "any_tuple":
      return tuple(value);
    default:
      return fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: integers });
  }
}

function call({ type, inputs, inAttributes }: OpDefinition): fc.Arbitrary<string> {
  const given = Object.entries(inputs).map(([name, spec]) => {
    const written = argument(spec).map((text) => `${name} = ${text}`);
    return spec.required ? written : fc.option(written, { nil: "" });
  });
  return fc.tuple(...given).map((list) => {
    const text = list.filter((item) => item !== "").join(", ");
    return inAttributes === true ? `${type}()[${text}]` : `${type}(${text})`;
  });
}

describe("absurd arguments", () => {
  const types = Object.values(FAMILIES).flatMap((family) => Object.keys(family));

  it.each(types.filter((type) => type !== "cond" && type !== "while_loop"))("%s", (type) => {
    const anyCall = fc.oneof(...opVariants(type).map(call));
    fc.assert(
      fc.property(
        fc.constantFrom(...OPSETS),
        parameters,
        tensor,
        anyCall,
        (opset, ports, result, op) => {
          const others = "fp16 half, list<tensor<fp16, [2]>, ?> cells, state<tensor<fp16, [2]>> kv";
          const head = `program(1.3) { func main<${opset}>(${ports}, ${others}) {`;
          try {
            expect(parse(`${head} ${result} y = ${op}; } -> (y); }`).functions).toHaveLength(1);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

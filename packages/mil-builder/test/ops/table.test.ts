import { describe, expect, it } from "vitest";
import type { OpDefinition } from "../../src/op-definition.js";
import { BUILDER_OPS, FAMILIES, opDefinition, opVariants } from "../../src/ops/table.js";
import { hasOpset, OPSETS } from "../../src/opset.js";
import type { InputSpec } from "../../src/parameter-spec.js";

const types = Object.values(FAMILIES).flatMap((family) => Object.keys(family));
const definitions = types.flatMap((type) => opVariants(type));
const named = definitions.map((definition) => [
  `${definition.type} of ${definition.since}`,
  definition,
]) as [string, OpDefinition][];

function variablesOf(spec: InputSpec): readonly string[] {
  return "variable" in spec ? [spec.variable] : [];
}

describe("op table", () => {
  it("has every op once", () => {
    expect(new Set(types).size).toBe(types.length);
  });

  it("files ops under their own type", () => {
    for (const type of types) {
      for (const definition of opVariants(type)) expect(definition.type).toBe(type);
    }
  });

  it("offers all ops but const and those with blocks as builder methods", () => {
    const others = new Set(["const", "cond", "while_loop"]);
    expect(Object.keys(BUILDER_OPS).sort()).toEqual(
      types.filter((type) => !others.has(type)).sort(),
    );
  });

  it.each(named)("%s is computed, or says why not", (_, { evaluate, refused, inInterpreter }) => {
    const ways = [evaluate, refused, inInterpreter].filter((way) => way !== undefined);
    expect(ways).toHaveLength(1);
  });

  it.each(named)("%s has a summary of one line", (_, { summary }) => {
    expect(summary).toMatch(/^[^\n]+[^.\n]$/);
  });

  it.each(named)("%s declares the type variables that it uses", (_, { types: own, inputs }) => {
    const used = Object.values(inputs).flatMap(variablesOf);
    expect(Object.keys(own).sort()).toEqual([...new Set(used)].sort());
    for (const { tiedTo } of Object.values(own)) {
      if (tiedTo !== undefined) expect(own).toHaveProperty(tiedTo.variable);
    }
  });

  it("chooses the variant of an opset", () => {
    const [old, young] = opVariants("constexpr_lut_to_dense");
    expect(opDefinition("constexpr_lut_to_dense", "ios15")).toBe(old);
    expect(opDefinition("constexpr_lut_to_dense", "ios17")).toBe(old);
    expect(opDefinition("constexpr_lut_to_dense", "ios18")).toBe(young);
    expect(opDefinition("constexpr_lut_to_dense")).toBe(young);
  });

  it("orders variants by opset", () => {
    for (const type of types) {
      const since = opVariants(type).map((definition) => OPSETS.indexOf(definition.since));
      expect(since).toEqual([...new Set(since)].sort((a, b) => a - b));
    }
  });

  it("adds parameters only in opsets after the op's own", () => {
    for (const { since, inputs } of definitions) {
      for (const spec of Object.values(inputs)) {
        if (spec.since !== undefined) expect(hasOpset(since, spec.since)).toBe(false);
      }
    }
  });
});

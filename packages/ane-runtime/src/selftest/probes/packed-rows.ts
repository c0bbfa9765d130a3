/**
 * Probe 1: where the engine expects the rows of a surface. Every element of the input's memory is its own index, the padding
 * too, and the program doubles: each output element then says from where it was read.
 */
import { floatFromHalf, halfFromFloat, tensor } from "@ane/mil-builder";
import type { Surface, SurfaceDType } from "../../device.js";
import type { SelftestCase } from "../case.js";
import { messageOf } from "../check-program.js";
import { type Probe, probeProgram, programCase } from "./probe.js";

const CHANNELS = 8;

type Layout = (channel: number, column: number) => number;

export const packedRows: Probe = {
  number: 1,
  title: "Row stride of narrow surfaces, and ports of several sizes",
  cases: [
    rowCase("fp16", 16),
    rowCase("fp32", 8),
    programCase(
      {
        id: "1/ports of different sizes",
        question: "May the inputs, and the outputs, of one program have different sizes?",
        rule: "surface-sizes",
        changes: {
          works: "drop the rule for this chip",
          "not evaluated": "agreed for this chip: make it an error",
          wrong: "agreed for this chip: make it an error",
          otherwise: "keep the rule as it is",
        },
      },
      (f) => {
        const a = f.input("a", tensor("fp16", [1, 2, 1, 32]));
        const b = f.input("b", tensor("fp16", [1, 8, 1, 64]));
        return { c: f.mul({ x: a, y: 2 }), d: f.add({ x: b, y: 1 }) };
      },
    ),
  ],
};

function rowCase(dtype: SurfaceDType, width: number): SelftestCase {
  return {
    id: `1/rows of ${width} ${dtype}`,
    question: `Are rows of ${width} ${dtype} elements read and written at 64-byte strides, or packed?`,
    rule: "row-alignment",
    changes: {
      "strided in, strided out": "keep the rule, with this machine as evidence",
      "packed in, packed out":
        "replace it: narrow rows are packed on this chip, and the binding must pack them",
      "packed in, strided out":
        "replace it: narrow inputs are packed on this chip, and the binding must pack them",
      "strided in, packed out":
        "replace it: narrow outputs are packed on this chip, and the binding must unpack them",
      otherwise: "keep the rule: narrow rows do not work here",
    },
    run: (bench) => {
      const program = probeProgram(bench, (f) => {
        const x = f.input("x", tensor(dtype, [1, CHANNELS, 1, width]));
        if (dtype === "fp16") return { y: f.mul({ x, y: 2 }) };
        const half = f.cast({ x, dtype: "fp16" });
        return { y: f.cast({ x: f.mul({ x: half, y: 2 }), dtype: "fp32" }) };
      });
      try {
        const kernel = bench.device.compile(program, new Map(), { name: "rows" });
        const x = bench.device.createSurface(kernel.inputs[0]!);
        const y = bench.device.createSurface(kernel.outputs[0]!);
        x.write((elements) =>
          elements.forEach((_, i) => {
            elements[i] = elements instanceof Uint16Array ? halfFromFloat(i) : i;
          }),
        );
        kernel.evaluate({ x, y });
        const observed = { inputStride: x.rowStride, outputStride: y.rowStride };
        const answer = layoutsOf(numbers(y), x.rowStride, y.rowStride, width);
        return {
          answer,
          details: `rows of the surfaces are ${x.rowStride} and ${y.rowStride} elements apart`,
          observed,
        };
      } catch (error) {
        return { answer: "refused", details: messageOf(error) };
      }
    },
  };
}

function numbers(surface: Surface): Float32Array {
  return surface.read((elements) =>
    Float32Array.from(elements, (e) => (elements instanceof Uint16Array ? floatFromHalf(e) : e)),
  );
}

/** The layouts of input and output that explain all elements. */
function layoutsOf(out: Float32Array, inStride: number, outStride: number, width: number): string {
  const layouts = (stride: number): [string, Layout][] => [
    ["strided", (channel, column) => channel * stride + column],
    ["packed", (channel, column) => channel * width + column],
  ];
  for (const [input, from] of layouts(inStride)) {
    for (const [output, to] of layouts(outStride)) {
      if (everyElement(width, (c, w) => out[to(c, w)] === 2 * from(c, w)))
        return `${input} in, ${output} out`;
    }
  }
  return "neither";
}

function everyElement(width: number, holds: (channel: number, column: number) => boolean): boolean {
  for (let channel = 0; channel < CHANNELS; channel++) {
    for (let column = 0; column < width; column++) if (!holds(channel, column)) return false;
  }
  return true;
}

/**
 * Probe 2: in which order a compiled program has its ports. Below the device's binding by name: surface i is given as symbol i,
 * filled with a number that names it, and each output adds a number that names the output and its input.
 */
import { floatFromHalf, halfFromFloat, type Program, print, tensor } from "@ane/mil-builder";
import { loadAddon } from "../../ane/load-addon.js";
import type { ModelAttributes, NativeAddon, NativeSurface } from "../../ane/native.js";
import { qosValue } from "../../ane/quality-of-service.js";
import type { CaseResult, SelftestCase } from "../case.js";
import { type Probe, probeProgram } from "./probe.js";

/** Names whose order differs by every rule; output i is input i + 16·2^i. */
const INPUTS = ["zeta", "alpha", "midi"] as const;
const OUTPUTS = ["yes", "beta", "last"] as const;
const EQUAL = [
  [4, 64],
  [4, 64],
  [4, 64],
] as const;
const DIFFERENT = [
  [4, 64],
  [8, 96],
  [2, 32],
] as const;
type Sizes = typeof EQUAL | typeof DIFFERENT;

export const portOrder: Probe = {
  number: 2,
  title: "Order of inputs and outputs",
  cases: [orderCase("equal", EQUAL), orderCase("different", DIFFERENT)],
};

function orderCase(kind: string, sizes: Sizes): SelftestCase {
  return {
    id: `2/order of ${kind} ports`,
    question: `In which order are ports of ${kind} sizes bound, where their names are declared in none?`,
    rule: "surface-order",
    changes: {
      alphabetical: "keep the rule: the alphabet it is on this chip",
      declared: "drop the rule for this chip: declaration order it is",
      otherwise: "keep the rule, and note this chip's order as evidence",
    },
    run: (bench) =>
      observe(
        probeProgram(bench, (f) => {
          const ports = INPUTS.map((name, i) =>
            f.input(name, tensor("fp16", [1, sizes[i]![0], 1, sizes[i]![1]])),
          );
          return Object.fromEntries(
            OUTPUTS.map((name, i) => [name, f.add({ x: ports[i]!, y: 16 * 2 ** i })]),
          );
        }),
        sizes,
      ),
  };
}

function observe(program: Program, sizes: Sizes): CaseResult {
  const addon = loadAddon();
  const model = new addon.Model({
    text: print(program),
    weights: [],
    qos: qosValue(undefined),
    performanceStats: false,
  });
  try {
    model.load(true);
    const attributes = model.attributes();
    model.setPorts([0, 1, 2], [0, 1, 2]);
    const inputs = surfacesFor(addon, attributes, "inputs", sizes);
    const outputs = surfacesFor(addon, attributes, "outputs", sizes);
    for (const [i, surface] of inputs.entries()) {
      access(surface, true, (elements) => elements.fill(halfFromFloat(i + 1)));
    }
    model.evaluate([...inputs, ...outputs]);
    const results = outputs.map((surface) =>
      access(surface, false, ([first]) => floatFromHalf(first!)),
    );
    return conclusion(results, attributes, sizes);
  } catch (error) {
    return { answer: "refused", details: error instanceof Error ? error.message : String(error) };
  } finally {
    model.dispose();
  }
}

/** As large as the loaded model says, else as the largest port: which port a symbol is, is the question. */
function surfacesFor(
  addon: NativeAddon,
  attributes: ModelAttributes | null,
  role: "inputs" | "outputs",
  sizes: Sizes,
): NativeSurface[] {
  const largest = Math.max(...sizes.map(([channels, width]) => channels * width * 2));
  return [0, 1, 2].map((index) => {
    const { symbols = [], live = [] } = attributes?.[role] ?? {};
    const port = live.find(
      ({ symbol, name }) => symbol === symbols[index] || name === symbols[index],
    );
    return new addon.Surface(port?.batchStride || largest);
  });
}

function access<T>(
  surface: NativeSurface,
  writable: boolean,
  use: (elements: Uint16Array) => T,
): T {
  surface.lock(writable);
  try {
    return use(new Uint16Array(surface.buffer));
  } finally {
    surface.unlock(writable);
  }
}

function conclusion(
  results: readonly number[],
  attributes: ModelAttributes | null,
  sizes: Sizes,
): CaseResult {
  const inputs: string[] = [];
  const outputs: string[] = [];
  results.forEach((value, index) => {
    const port = OUTPUTS.findIndex((_, i) => value > 16 * 2 ** i && value <= 16 * 2 ** i + 3);
    outputs[index] = OUTPUTS[port] ?? "?";
    const symbol = value - 16 * 2 ** port - 1;
    if (port >= 0) inputs[symbol] = INPUTS[port]!;
  });
  const [input, output] = [orderOf(inputs, INPUTS, sizes), orderOf(outputs, OUTPUTS, sizes)];
  const told = attributes
    ? `${attributes.inputs.symbols.join(", ")} and ${attributes.outputs.symbols.join(", ")}`
    : "nothing";
  return {
    answer: input === output ? input : `inputs ${input}, outputs ${output}`,
    details: `bound as ${inputs.join(", ")} and ${outputs.join(", ")}; the symbol tables say ${told}`,
  };
}

function orderOf(found: readonly string[], declared: readonly string[], sizes: Sizes): string {
  const alphabet = [...declared].sort();
  const bytes = (name: string) =>
    sizes[declared.indexOf(name)]![0] * sizes[declared.indexOf(name)]![1];
  const bySize = [...declared].sort((a, b) => bytes(a) - bytes(b));
  const rules: [string, string[]][] = [
    ["alphabetical", alphabet],
    ["declared", [...declared]],
    ["alphabetical backwards", [...alphabet].reverse()],
    ["ascending by size", bySize],
    ["descending by size", [...bySize].reverse()],
  ];
  return rules.find(([, order]) => order.join() === found.join())?.[0] ?? "in no known order";
}

/** Opsets as models name them, and the specification versions that bring them. Source: coremltools __init__.py. */
import { OPSETS } from "../opset.js";
import type { Opset, Program } from "../program.js";

interface OpsetFacts {
  /** Name in the model. */
  readonly name: string;
  /** The first specification version that has it. */
  readonly version: number;
}

const FACTS: Readonly<Record<Opset, OpsetFacts>> = {
  ios15: { name: "CoreML5", version: 6 },
  ios16: { name: "CoreML6", version: 7 },
  ios17: { name: "CoreML7", version: 8 },
  ios18: { name: "CoreML8", version: 9 },
  ios26: { name: "CoreML9", version: 10 },
};

export const OLDEST_VERSION = FACTS.ios15.version;
export const NEWEST_VERSION = FACTS.ios26.version;

export function opsetName(opset: Opset): string {
  return FACTS[opset].name;
}

export function opsetOfName(name: string): Opset | undefined {
  return OPSETS.find((opset) => FACTS[opset].name === name);
}

/** The specification version that an opset needs. */
export function versionOfOpset(opset: Opset): number {
  return FACTS[opset].version;
}

/** The text dialect that Apple's compiler prints for a model of a specification version. */
export function dialectOf(version: number): Program["version"] {
  return version >= 9 ? "1.3" : "1.0";
}

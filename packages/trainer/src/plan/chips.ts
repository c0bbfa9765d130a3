/**
 * The chips that can be planned for. Clocks and cores are those of Apple's product pages and of public measurements of the cores;
 * memory bandwidth is Apple's; families are the compiler's names for the engine (maderix/ANE training/m5result.md and PR #50).
 */
import { nearest } from "@ane/llama-model";
import { OptionError } from "../errors.js";

/** Generations of the engine: M1, M2, M3, M4 and the base M5, the other M5. */
export type EngineFamily = "h13" | "h14" | "h15" | "h16" | "h17";

export interface Chip {
  readonly name: string;
  readonly family: EngineFamily;
  /** Clusters of performance cores: each has a matrix unit that `cblas_sgemm` runs on. */
  readonly clusters: number;
  /** Of the performance cores. */
  readonly clockGHz: number;
  readonly memoryGBs: number;
}

function chip(
  name: string,
  family: EngineFamily,
  clusters: number,
  clockGHz: number,
  memoryGBs: number,
): Chip {
  return { name, family, clusters, clockGHz, memoryGBs };
}

export const CHIPS: readonly Chip[] = [
  chip("m1", "h13", 1, 3.2, 68),
  chip("m1-pro", "h13", 2, 3.2, 200),
  chip("m1-max", "h13", 2, 3.2, 400),
  chip("m1-ultra", "h13", 4, 3.2, 800),
  chip("m2", "h14", 1, 3.5, 100),
  chip("m2-pro", "h14", 2, 3.5, 200),
  chip("m2-max", "h14", 2, 3.7, 400),
  chip("m2-ultra", "h14", 4, 3.7, 800),
  chip("m3", "h15", 1, 4.05, 100),
  chip("m3-pro", "h15", 1, 4.05, 150),
  chip("m3-max", "h15", 2, 4.05, 400),
  chip("m3-ultra", "h15", 4, 4.05, 819),
  chip("m4", "h16", 1, 4.4, 120),
  chip("m4-pro", "h16", 2, 4.5, 273),
  chip("m4-max", "h16", 2, 4.5, 546),
  chip("m5", "h16", 1, 4.6, 153),
  // six fast cores and twelve slower ones: taken for three clusters
  chip("m5-pro", "h17", 3, 4.6, 307),
  chip("m5-max", "h17", 3, 4.6, 614),
];

/** @param name In any letter case; "M4 Max" and "m4max" are m4-max. @throws OptionError that names the nearest one */
export function chipNamed(name: string): Chip {
  const bare = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const found = CHIPS.find((each) => bare(each.name) === bare(name));
  if (found) return found;
  const names = CHIPS.map((each) => each.name);
  const meant = nearest(name, names);
  throw new OptionError(
    "chip",
    `must be one of ${names.join(", ")}, got "${name}". ${meant ? `Did you mean "${meant}"?` : "Choose one of them."}`,
  );
}

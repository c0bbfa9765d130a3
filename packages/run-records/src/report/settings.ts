/** A run's configuration as a flat list, `recipe` and `execution` together: their names do not meet. */
import type { RunConfig } from "@ane/trainer";

/** Such as ["model.dim", "768"]; values as JSON has them, texts without quotes. */
export function settings({ recipe, execution }: RunConfig): Map<string, string> {
  return new Map([...leaves(recipe, ""), ...leaves(execution, "")]);
}

function leaves(value: unknown, name: string): [string, string][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, item]) =>
      leaves(item, name === "" ? key : `${name}.${key}`),
    );
  }
  return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
}

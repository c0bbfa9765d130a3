/** Options that all benchmarks have, and those of their own. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/**
 * @param {{ model?: string, rounds: number }} defaults
 * @param {Record<string, { type: "string" | "boolean", default?: string | boolean }>} own
 */
export function benchmarkOptions({ model = "stories110m", rounds }, own = {}) {
  const { values } = parseArgs({
    options: {
      model: { type: "string", default: model },
      rounds: { type: "string", default: String(rounds) },
      json: { type: "boolean", default: false },
      results: { type: "string", default: fileURLToPath(new URL("../results", import.meta.url)) },
      ...own,
    },
  });
  const count = Number(values.rounds);
  if (!Number.isInteger(count) || count < 1) {
    throw new Error(`--rounds: must be a whole number of at least 1, got "${values.rounds}"`);
  }
  return { ...values, rounds: count };
}

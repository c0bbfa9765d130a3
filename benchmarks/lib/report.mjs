/** Results to the terminal, as one JSON object, and to <results>/<date>-<machine>.json, where each benchmark has a key. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeMachine, disturbances } from "./machine.mjs";

/**
 * @param {string} name of the benchmark
 * @param {Record<string, unknown>} result
 * @param {{ json: boolean, results: string }} options as `benchmarkOptions` gives them
 * @param {{ probes: number[], print: (result: Record<string, unknown>) => void }} how `print` writes the result for people;
 *   `probes` are rates of equal work, as `disturbances` wants them
 */
export function report(name, result, { json, results }, { probes, print }) {
  const machine = describeMachine();
  const warnings = disturbances(probes);
  const whole = { benchmark: name, ...result, command: command(), machine, warnings };
  if (json) console.log(JSON.stringify(whole));
  else {
    const { cpu, cores, isa, threads, node } = machine;
    console.log(
      `${cpu}, ${cores} cores, ${isa}, ${threads} threads, Node ${node}, commit ${machine.commit}`,
    );
    print(result);
  }
  for (const warning of warnings) console.error(`warning: the machine was not idle: ${warning}`);
  mkdirSync(results, { recursive: true });
  const slug = `${machine.cpu}-${machine.cores}-cores`.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const path = join(results, `${new Date().toISOString().slice(0, 10)}-${slug}.json`);
  const before = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
  writeFileSync(path, `${JSON.stringify({ ...before, [name]: whole }, null, 2)}\n`);
}

const command = () =>
  ["node", ...process.argv.slice(1).map((part) => part.split("/").at(-1))].join(" ");

/** Rows of cells as text: the first column left, the others right. */
export function table(header, rows) {
  const cells = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join("  "),
    )
    .join("\n");
}

export const fixed = (value, digits = 1) => (value === undefined ? "-" : value.toFixed(digits));

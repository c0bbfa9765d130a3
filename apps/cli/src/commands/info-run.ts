/** Runs `ane info`. */
import { existsSync } from "node:fs";
import { type Context, userPath } from "../context.js";
import { UsageError } from "../errors.js";
import type { Finding } from "../info/finding.js";
import { recognize } from "../info/recognize.js";
import { runFolder } from "../run-folder.js";
import type { InfoFlags } from "./info.js";

const NAME_WIDTH = 14;
/** Rows that are shown of many. */
const ROWS = 16;

export async function runInfo(this: Context, flags: InfoFlags, file: string): Promise<void> {
  const path = file === "" ? "" : runFolder(this, file);
  if (!existsSync(path)) {
    throw new UsageError(`FILE: there must be something to look at, got nothing at ${path}.`);
  }
  const { check, all, json } = flags;
  const tokenizer = flags.tokenizer === undefined ? undefined : userPath(this, flags.tokenizer);
  const finding = await recognize(path, { check, tokenizer });
  this.process.stdout.write(
    json ? `${JSON.stringify({ path, ...finding })}\n` : format(file, finding, all),
  );
  if (finding.checks.some(({ ok }) => !ok)) this.process.exitCode = 1;
}

function format(file: string, { title, facts, rows = [], checks }: Finding, all: boolean): string {
  const shown = all ? rows : rows.slice(0, ROWS);
  const widths = shown.reduce<number[]>(
    (widest, row) => row.map((cell, i) => Math.max(widest[i] ?? 0, cell.length)),
    [],
  );
  const lines = [
    `${file}: ${title}`,
    ...Object.entries(facts).map(([name, value]) => `  ${name.padEnd(NAME_WIDTH)}${value}`),
    ...shown.map((row) =>
      `    ${row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ")}`.trimEnd(),
    ),
    ...(shown.length < rows.length ? [`    … ${rows.length - shown.length} more: --all`] : []),
    ...checks.map(({ name, ok, detail }) => `  ${ok ? "ok  " : "fail"}  ${name}: ${detail}`),
  ];
  return `${lines.join("\n")}\n`;
}

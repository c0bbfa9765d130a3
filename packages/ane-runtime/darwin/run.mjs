#!/usr/bin/env node
// Proves the macOS addons on Linux: `pnpm test:darwin [--available] [--full] [--only NAME]`. Says first which tools are
// missing and how they are installed; installs nothing. Prints one line per check when it ends, and what a failing one said.
//   --available  run what the tools at hand allow, and say what was left out and why
//   --full       also the test files that emulation makes slow
//   --only NAME  the check of that name, or those whose names contain NAME
import { parseArgs } from "node:util";
import { checks } from "./checks.mjs";
import { requirements } from "./tools/requirements.mjs";

const { values: options } = parseArgs({
  options: {
    available: { type: "boolean" },
    full: { type: "boolean" },
    only: { type: "string", default: "" },
  },
});

/** What a failing check said: its end, where there is too much. */
function excerpt(text) {
  const lines = text.split("\n");
  const shown = lines.length <= 80 ? lines : [...lines.slice(0, 20), "...", ...lines.slice(-60)];
  return shown.map((line) => `  ${line}`).join("\n");
}

const exact = checks.filter(({ name }) => name === options.only);
const selected =
  exact.length > 0 ? exact : checks.filter(({ name }) => name.includes(options.only));
if (selected.length === 0) {
  console.error(`No check is named like "${options.only}". There are:`);
  for (const { name } of checks) console.error(`  ${name}`);
  process.exit(1);
}

const needed = [...new Set(selected.flatMap(({ needs }) => needs))];
const missing = needed.filter((tool) => !requirements[tool].present());
if (missing.length > 0) {
  console.log(`Missing: ${missing.join(", ")}. To install:`);
  for (const line of new Set(missing.map((tool) => requirements[tool].install))) {
    console.log(`  ${line}`);
  }
  if (!options.available) process.exit(1);
}

let failed = 0;
const started = performance.now();
const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1);
async function runCheck({ name, needs, run }) {
  const lacking = needs.filter((tool) => missing.includes(tool));
  if (lacking.length > 0) {
    console.log(`skipped ${name}: needs ${lacking.join(", ")}`);
    return;
  }
  const start = performance.now();
  try {
    const result = await run(options.full);
    console.log(`ok ${name} (${seconds(start)} s): ${result}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name} (${seconds(start)} s)\n${excerpt(error.message)}`);
  }
}

const laneOf = ({ lane = "arm64" }) => lane;
await Promise.all(
  [...new Set(selected.map(laneOf))].map(async (lane) => {
    for (const check of selected) if (laneOf(check) === lane) await runCheck(check);
  }),
);
console.log(failed === 0 ? `all passed in ${seconds(started)} s` : `${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

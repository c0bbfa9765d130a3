// crash [--kills 500] [--seed 1] [--ranks 1]: as many kills as wanted, by crash.test.ts; prints where they hit.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const options = {
  kills: { type: "string", default: "500" },
  seed: { type: "string", default: "1" },
  ranks: { type: "string", default: "1" },
};
const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== "--"),
  options,
});
const env = {
  ...process.env,
  ANE_CRASH_KILLS: values.kills,
  ANE_CRASH_SEED: values.seed,
  ANE_CRASH_RANKS: values.ranks,
};
const { status } = spawnSync("vitest", ["run", "test/crash/crash.test.ts"], {
  stdio: "inherit",
  env,
});
process.exitCode = status ?? 1;

/**
 * Runs all other test files again with every instruction set of this processor that is not the default one, in child
 * processes with ANE_ACCEL_ISA.
 */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cpuInfo } from "../src/index.js";

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const vitestFolder = dirname(createRequire(import.meta.url).resolve("vitest/package.json"));
const isas = process.arch === "x64" ? ["scalar", "avx2", "avx512"] : ["scalar"];

function run(args: string[], isa: string) {
  const env = { ...process.env, ANE_ACCEL_ISA: isa };
  return spawnSync(process.execPath, args, { cwd: packageFolder, encoding: "utf8", env });
}

for (const isa of isas.filter((name) => name !== cpuInfo().isa)) {
  const missing = isa !== "scalar" && !cpuInfo().features.includes(isa);
  test.skipIf(missing)(
    `all tests with ${isa}${missing ? ": this processor has none" : ""}`,
    () => {
      const vitest = [
        join(vitestFolder, "vitest.mjs"),
        "run",
        "--exclude",
        "test/every-isa.test.ts",
      ];
      const { status, stdout, stderr } = run(vitest, isa);
      expect(status, stdout + stderr).toBe(0);
    },
    600_000,
  );
}

test("an instruction set that this processor lacks is refused when the addon loads", () => {
  const isa = process.arch === "x64" ? "neon" : "avx2";
  const addon = `require("node-gyp-build")(${JSON.stringify(packageFolder)})`;
  const { status, stderr } = run(["-e", addon], isa);
  expect(status).not.toBe(0);
  expect(stderr).toContain("ANE_ACCEL_ISA: must name an instruction set of this processor (");
  expect(stderr).toContain(`got "${isa}"`);
});

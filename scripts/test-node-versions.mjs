// test:node [MAJOR...]: all tests under other versions of Node than the one at hand, by default 22 and 24, whose binaries come from
// the npm registry. The addons are N-API, so what is built stays as it is. Wants a build before.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const majors = process.argv.slice(2).filter((arg) => arg !== "--");
const wrong = majors.find((major) => !/^\d+$/.test(major));
if (wrong !== undefined) {
  console.error(
    `test:node: a version must be a whole number such as 22, got ${wrong}. Give majors.`,
  );
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "ane-node-"));
try {
  for (const major of majors.length > 0 ? majors : ["22", "24"]) {
    const binary = `node-${process.platform}-${process.arch}`;
    const prefix = join(folder, major);
    execFileSync(
      "npm",
      ["install", "--prefix", prefix, "--no-audit", "--no-fund", `${binary}@${major}`],
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    const bin = join(prefix, "node_modules", binary, "bin");
    const version = execFileSync(join(bin, "node"), ["--version"], { encoding: "utf8" }).trim();
    console.log(`Node ${version}`);
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
    const pnpm = ["-r", "--workspace-concurrency=1", "--aggregate-output", "test"];
    const { status } = spawnSync("pnpm", pnpm, { stdio: "inherit", env });
    if (status !== 0) {
      process.exitCode = 1;
      console.error(`Node ${version}: a test failed.`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

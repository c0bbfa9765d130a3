// An empty project with the packed packages and nothing else: a program that uses each of them runs, its types are checked, and
// the command line trains, samples and shows help.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const consumer = (name) => fileURLToPath(new URL(`consumer/${name}`, import.meta.url));
const { packageManager, devDependencies } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);

/** @param manager "npm" or "pnpm" @param tarballs Paths by package name. */
export function tryInstalled(manager, folder, tarballs) {
  mkdirSync(folder);
  const files = Object.fromEntries(
    Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]),
  );
  const manifest = {
    name: "consumer",
    private: true,
    type: "module",
    dependencies: files,
    devDependencies: { typescript: "6.0.3", "@types/node": devDependencies["@types/node"] },
  };
  if (manager === "npm") manifest.overrides = files;
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  if (manager === "pnpm") {
    const overrides = Object.entries(files).map(([name, file]) => `  "${name}": "${file}"`);
    writeFileSync(
      join(folder, "pnpm-workspace.yaml"),
      `pmOnFail: ignore\noverrides:\n${overrides.join("\n")}\n`,
    );
  }
  for (const name of ["use.ts", "tsconfig.json"]) copyFileSync(consumer(name), join(folder, name));
  // What a new user has: no variables of this repository's own run, no scripts of dependencies.
  const env = { ...process.env, CI: "true", NODE_OPTIONS: "" };
  const run = (command, ...args) => {
    try {
      return execFileSync(command, args, { cwd: folder, env, encoding: "utf8" });
    } catch (error) {
      throw new Error(
        `${manager}: ${command} ${args.join(" ")}\n${error.stdout ?? ""}${error.stderr ?? ""}`,
      );
    }
  };
  if (manager === "npm") run("npm", "install", "--no-audit", "--no-fund", "--loglevel=error");
  else run("npx", "--yes", packageManager, "install", "--no-frozen-lockfile");

  run("node", "node_modules/typescript/bin/tsc");
  expectText(run("node", "use.js"), "the packages work together");
  const ane = (...args) => run("node", "node_modules/@ane/cli/dist/main.js", ...args);
  expectText(ane("--help"), "train");
  const last = ane(
    "train",
    "--model",
    "tiny.json",
    "--steps",
    "2",
    "--accum",
    "1",
    "--out",
    "run",
    "--json",
    "--data",
    "tokens.bin",
  )
    .trim()
    .split("\n")
    .at(-1);
  expectText(last, '"type":"done"');
  expectText(ane("runs", ".", "--json"), "library-run");
}

function expectText(text, part) {
  if (!text.includes(part)) throw new Error(`the output must hold "${part}", got:\n${text}`);
}

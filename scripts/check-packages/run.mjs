// check-packages: packs every published package as `pnpm publish` would, looks at the tarballs (publint, are the types wrong?, size
// ceilings), installs them into empty projects with npm and with pnpm, and uses them there. Wants a build before: `pnpm test:packages`.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addPrebuilds } from "./add-prebuilds.mjs";
import { tryInstalled } from "./try-installed.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const ceilings = JSON.parse(readFileSync(new URL("ceilings.json", import.meta.url), "utf8"));

/** Runs a tool of the repository; what it printed is shown where it fails. */
function run(command, args, cwd = root) {
  try {
    return execFileSync(command, args, {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    throw new Error(`${command} ${args.join(" ")}\n${error.stdout ?? ""}${error.stderr ?? ""}`);
  }
}

const work = mkdtempSync(join(tmpdir(), "ane-packages-"));
try {
  const packages = JSON.parse(run("pnpm", ["-r", "list", "--depth", "-1", "--json"]))
    .map(({ path }) => ({ path, manifest: readManifest(path) }))
    .filter(({ manifest }) => manifest.private !== true);
  const tarballs = {};
  for (const { path, manifest } of packages) {
    const { name } = manifest;
    const file = JSON.parse(
      run("pnpm", ["pack", "--json", "--pack-destination", work], path),
    ).filename;
    const tarball = existsSync(file) ? file : join(work, file);
    tarballs[name] = tarball;
    const kilobytes = Math.ceil(statSync(tarball).size / 1024);
    const ceiling = ceilings[name];
    if (ceiling === undefined || kilobytes > ceiling) {
      throw new Error(
        `${name}: the tarball may have ${ceiling ?? "no"} KiB by ceilings.json, got ${kilobytes}. Find what made it grow, or raise the ceiling with the reason in the commit.`,
      );
    }
    run("pnpm", ["exec", "publint", tarball, "--strict"]);
    if (manifest.exports) run("pnpm", ["exec", "attw", tarball, "--profile", "esm-only"]);
    console.log(`${name}: ${kilobytes} of ${ceiling} KiB; publint and attw clean`);
  }
  // Only now, so that what was looked at is what `pnpm pack` gives: prebuilt addons come from the release's own jobs.
  const complete = addPrebuilds(work, tarballs, root);
  for (const manager of ["npm", "pnpm"]) {
    tryInstalled(manager, join(work, manager), complete);
    console.log(`${manager}: installed into an empty project and used there`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

function readManifest(path) {
  return JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
}

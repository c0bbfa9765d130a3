#!/usr/bin/env node
// Set-up step: downloads what an emulated arm64 process needs (libc, libstdc++, GNUstep and what they depend on) into
// darwin/arm64-root. Only apt's own signed indexes and packages are fetched, into a private apt state: nothing is
// installed on this machine.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arm64Root } from "./paths.mjs";

/** The archive of this very release: what is compiled against the host's headers must find the same libraries. */
function archive() {
  const release = Object.fromEntries(
    readFileSync("/etc/os-release", "utf8")
      .split("\n")
      .map((line) => line.split("=").map((part) => part.replaceAll('"', ""))),
  );
  const suite = release.VERSION_CODENAME;
  if (release.ID === "debian") {
    const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
    return [`deb [signed-by=${keyring}] http://deb.debian.org/debian ${suite} main`];
  }
  if (release.ID === "ubuntu") {
    const keyring = "/usr/share/keyrings/ubuntu-archive-keyring.gpg";
    return [
      `deb [signed-by=${keyring}] http://ports.ubuntu.com/ubuntu-ports ${suite} main universe`,
    ];
  }
  throw new Error(
    `fetch-arm64-root: needs Debian or Ubuntu, got ${release.ID}. Unpack arm64 GNUstep into ${arm64Root} by hand.`,
  );
}

/** The run-time package of the host's GNUstep, for example libgnustep-base1.28. */
function gnustepPackage() {
  const status = execFileSync("dpkg-query", ["-s", "libgnustep-base-dev"], { encoding: "utf8" });
  return status.match(/^Depends:.*?(libgnustep-base[\d.]+\w*)/m)[1];
}

const apt = join(arm64Root, ".apt");
const sources = join(apt, "sources.list");
const status = join(apt, "status");
const packages = [gnustepPackage(), "libobjc4", "libstdc++6"];
console.log(`Into ${arm64Root} go, for arm64: ${packages.join(", ")} and their dependencies, from`);
for (const line of archive()) console.log(`  ${line}`);

rmSync(arm64Root, { recursive: true, force: true });
for (const folder of ["lists/partial", "archives/partial"]) {
  mkdirSync(join(apt, folder), { recursive: true });
}
writeFileSync(sources, `${archive().join("\n")}\n`);
writeFileSync(status, "");
const options = {
  "APT::Architecture": "arm64",
  "APT::Architectures": "arm64",
  "APT::Install-Recommends": "false",
  "APT::Sandbox::User": "root",
  "Acquire::Languages": "none",
  "Dir::Etc::sourcelist": sources,
  "Dir::Etc::sourceparts": "-",
  "Dir::State": apt,
  "Dir::State::lists": join(apt, "lists"),
  "Dir::State::status": status,
  "Dir::Cache": apt,
  "Dir::Cache::archives": join(apt, "archives"),
};
const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
const run = (command, args) =>
  execFileSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
run("apt-get", [...flags, "-qq", "update"]);
run("apt-get", [...flags, "-qq", "-y", "--download-only", "install", ...packages]);
const archives = readdirSync(join(apt, "archives")).filter((name) => name.endsWith(".deb"));
for (const name of archives) run("dpkg-deb", ["-x", join(apt, "archives", name), arm64Root]);
rmSync(apt, { recursive: true });

const loader = join(arm64Root, "lib/ld-linux-aarch64.so.1");
if (!existsSync(loader) && !existsSync(join(arm64Root, "usr", "lib/ld-linux-aarch64.so.1"))) {
  throw new Error(`fetch-arm64-root: the dynamic loader must be at ${loader} now, got none.`);
}
console.log(`ok ${archives.length} packages`);

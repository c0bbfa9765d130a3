#!/usr/bin/env node
// Runs compare.cpp on this processor and in emulated NEON, at the same time, and compares their hashes:
// compareConversions(step, report). As a script it takes all floats and shows how far it is: some minutes, for the
// nightly run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { accelOps, aneRuntime, arm64Root, darwin, out } from "../tools/paths.mjs";
import { freshFolder, run } from "../tools/toolchain.mjs";

/** Kernels are compiled as accel-ops' binding.gyp has them: one copy for each instruction set. */
const builds = {
  x64: {
    compiler: ["clang++-19"],
    kernels: { scalar: [], avx2: ["-march=x86-64-v3"], avx512: ["-march=x86-64-v4"] },
    command: (program) => [program],
  },
  arm64: {
    compiler: ["clang++-19", "--target=aarch64-linux-gnu"],
    kernels: { scalar: [], neon: [] },
    command: (program) => ["qemu-aarch64", "-L", arm64Root, program],
  },
};

async function build(arch) {
  const { compiler, kernels } = builds[arch];
  const folder = freshFolder(join(out, "conversion", arch));
  const [command, ...target] = compiler;
  const accel = join(accelOps, "native");
  const common = [
    ...target,
    "-std=c++20",
    "-O3",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-Werror",
    `-I${accel}`,
  ];
  const objects = await Promise.all(
    Object.entries(kernels).map(async ([isa, flags]) => {
      const object = join(folder, `${isa}.o`);
      const defines = [`-DANE_ISA=${isa}`, `-DANE_ISA_${isa.toUpperCase()}`];
      const source = join(accel, "ops/convert.kernel.cpp");
      await run(command, [...common, ...flags, ...defines, "-c", source, "-o", object]);
      return object;
    }),
  );
  const program = join(folder, "compare");
  const source = join(darwin, "conversion/compare.cpp");
  await run(command, [
    ...common,
    `-I${join(aneRuntime, "native")}`,
    source,
    ...objects,
    "-o",
    program,
  ]);
  return program;
}

async function compare(arch, step, report) {
  const [command, ...args] = builds[arch].command(await build(arch));
  const child = spawn(command, [...args, String(step)], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = [];
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith("at ")) report(arch, line);
    else lines.push(line);
  }
  const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
  if (code !== 0) throw new Error(`conversions on ${arch} differ:\n${lines.join("\n")}`);
  return lines.at(-1);
}

/** @param step 1: all floats; n: every n-th */
export async function compareConversions(step, report = () => {}) {
  const [x64, arm64] = await Promise.all(
    Object.keys(builds).map((arch) => compare(arch, step, report)),
  );
  if (x64 !== arm64) throw new Error(`conversions must agree: x64 has ${x64}, arm64 ${arm64}`);
  return x64;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = {};
  const show = (arch, line) => {
    at[arch] = line;
    process.stderr.write(
      `\r${Object.entries(at)
        .map((entry) => entry.join(" "))
        .join(", ")}   `,
    );
  };
  const result = await compareConversions(1, show);
  console.log(`\nok all 2^32 floats and 2^16 halfs: ${result}`);
}

/** What every machine needs: Node, processor, native code of the cpu device, memory, disk. */
import { accessSync, constants, statfsSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, freemem, tmpdir, totalmem } from "node:os";
import { formatBytes } from "../view/format.js";
import { type Check, fail, ok, warn } from "./check.js";

const NODE = [20, 15] as const;
/** Stories110M trains with 2.5 GB. */
const MEMORY = 4e9;
/** One checkpoint of Stories110M has 1.3 GB; the last ones of a run are kept. */
const DISK = 5e9;

export async function machineChecks(directory: string): Promise<Check[]> {
  return [
    nodeCheck(process.versions.node),
    ...(await processorChecks()),
    memoryCheck(),
    diskCheck(directory),
    temporaryCheck(),
  ];
}

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const wanted = `Node ${NODE.join(".")} or newer`;
  if (major > NODE[0] || (major === NODE[0] && minor >= NODE[1]))
    return ok("node", `${version} (${wanted})`);
  return fail("node", `${version}, wanted is ${wanted}`, "Install a newer Node");
}

/** The native code is loaded only here, so that its absence is a finding. */
async function processorChecks(): Promise<Check[]> {
  try {
    const { cpuInfo } = await import("@ane/accel-ops");
    const { arch, isa, features, threads, gemm } = cpuInfo();
    const name = `${cpus()[0]?.model ?? "unknown"}, ${arch}`;
    const has = `${isa} of ${features.join(", ") || "no vector features"}, ${threads} threads, ${gemm} gemm`;
    const processor =
      isa === "scalar"
        ? warn(
            "processor",
            `${name}: ${has}`,
            "Unset ANE_ACCEL_ISA, or expect training to be many times slower than on a processor with AVX2 or NEON",
          )
        : ok("processor", `${name}: ${has}`);
    const files = loadedAddons();
    const origin = files.some((file) => file.includes("prebuilds")) ? "prebuilt" : "built here";
    return [processor, ok("cpu addon", `${files.join(", ") || "loaded"} (${origin})`)];
  } catch (error) {
    const evidence = error instanceof Error ? error.message : String(error);
    return [
      fail(
        "cpu addon",
        evidence,
        "Build it with `pnpm --filter @ane/accel-ops run build:native`, or reinstall the package",
      ),
    ];
  }
}

function loadedAddons(): string[] {
  return Object.keys(createRequire(import.meta.url).cache).filter((file) => file.endsWith(".node"));
}

function memoryCheck(): Check {
  // 0 where nothing but the machine limits this process, such as a container does.
  const limit = process.constrainedMemory();
  const isLimited = limit > 0 && limit < totalmem();
  const available = isLimited ? limit : totalmem();
  const evidence = `${formatBytes(available)}${isLimited ? " allowed to this process" : ""}, ${formatBytes(freemem())} free`;
  if (available >= MEMORY) return ok("memory", evidence);
  return warn("memory", evidence, "Train smaller models than stories110m");
}

function diskCheck(directory: string): Check {
  const { bavail, bsize } = statfsSync(directory);
  const evidence = `${formatBytes(bavail * bsize)} free at ${directory}`;
  if (bavail * bsize >= DISK) return ok("disk", evidence);
  return warn(
    "disk",
    evidence,
    `Free ${formatBytes(DISK)} for a run of stories110m, or use --out on another disk`,
  );
}

function temporaryCheck(): Check {
  try {
    accessSync(tmpdir(), constants.W_OK);
    return ok("temporary folder", `${tmpdir()} can be written`);
  } catch (error) {
    return fail(
      "temporary folder",
      String(error),
      "Set TMPDIR to a folder that you can write: the engine's compiler works there",
    );
  }
}

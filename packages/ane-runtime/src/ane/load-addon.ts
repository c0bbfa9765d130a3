/** Finds the addon: the file that ANE_RUNTIME_BINDING names, a prebuilt one of the published package, or the local build. */
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { UnavailableError } from "../errors.js";
import { packageFolder } from "../package-folder.js";
import type { NativeAddon } from "./native.js";

/** Where an addon is looked for. */
export interface AddonPlace {
  /** Such as "darwin-arm64" */
  readonly platform: string;
  /** An addon for whatever platform this is, named explicitly. */
  readonly binding: string | undefined;
  readonly folder: string;
}

const require = createRequire(import.meta.url);
const ENGINE_PLATFORM = "darwin-arm64";

function thisProcess(): AddonPlace {
  return {
    platform: `${process.platform}-${process.arch}`,
    binding: process.env.ANE_RUNTIME_BINDING,
    folder: packageFolder,
  };
}

/** @throws UnavailableError naming the platform, or every file that was tried and the command that fixes it */
export function loadAddon({ platform, binding, folder }: AddonPlace = thisProcess()): NativeAddon {
  if (!binding && platform !== ENGINE_PLATFORM) {
    throw new UnavailableError(
      `the Neural Engine needs Apple silicon under macOS 15 or newer (${ENGINE_PLATFORM}), got ${platform}. ` +
        'Use such a Mac, or openDevice("cpu").',
    );
  }
  const candidates = binding ? [binding] : [prebuilt(folder, platform), localBuild(folder)];
  const attempts: string[] = [];
  const causes: unknown[] = [];
  for (const file of candidates) {
    try {
      if (existsSync(file)) return require(file) as NativeAddon;
      attempts.push(`${file}: no such file`);
    } catch (cause) {
      attempts.push(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`);
      causes.push(cause);
    }
  }
  const remedy = binding
    ? "Point ANE_RUNTIME_BINDING to an addon for this platform, or unset it"
    : "Build it with `pnpm --filter @ane/ane-runtime run build:native`, or reinstall the package on this machine";
  throw new UnavailableError(
    `the native addon of @ane/ane-runtime must load on ${platform}, got none:\n` +
      `${attempts.map((attempt) => `  ${attempt}`).join("\n")}\n${remedy}.`,
    { cause: causes[0] },
  );
}

/** The only file in prebuilds/<platform>; the folder itself where there is none, for the error. */
function prebuilt(folder: string, platform: string): string {
  const prebuilds = join(folder, "prebuilds", platform);
  const names = existsSync(prebuilds) ? readdirSync(prebuilds) : [];
  return join(prebuilds, names.find((name) => name.endsWith(".node")) ?? "ane-runtime.node");
}

function localBuild(folder: string): string {
  return join(folder, "build", "Release", "ane_runtime.node");
}

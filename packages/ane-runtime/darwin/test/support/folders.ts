/** The models' folders in NSTemporaryDirectory() of this test file, and the records of who owns them. */
import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Names of model folders are three hashes. */
const HASHES = /^[0-9A-F]{64}_[0-9A-F]{64}_[0-9A-F]{64}/;

function modelNames(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => HASHES.test(name)) : [];
}

export function folders(temporary = process.env.TEMP!): string[] {
  return modelNames(temporary);
}

/** Names of the folders that the binding has recorded, each with the process that owns it. */
export function ownerRecords(temporary = process.env.TEMP!): string[] {
  return modelNames(join(temporary, "ane-runtime")).filter((name) => /\.\d+$/.test(name));
}

/** Environment of processes that must not meet those of other tests. */
export function ownTemporary(): { TEMP: string } {
  return { TEMP: mkdtempSync(join(process.env.TEMP!, "process-")) };
}

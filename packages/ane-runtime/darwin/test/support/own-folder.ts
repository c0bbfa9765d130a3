/**
 * A temporary folder and a cache of compiled programs for this test file, before the binding reads the environment: what one file
 * compiles is not cached for another. GNUstep takes a folder that is ours alone as NSTemporaryDirectory() itself.
 */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";

const folder = mkdtempSync(join(process.env.TEMP!, "suite-"));
process.env.TEMP = folder;
process.env.FAKE_ANE_CACHE = folder;

/** A headless Chromium: the one that CHROMIUM names, else that of @sparticuz/chromium, which brings its own for Linux on x64. */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** Nothing where none can be started; says why. */
export async function openBrowser(): Promise<Browser | undefined> {
  try {
    return await launch();
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split("\n");
    console.warn(`Skipped: the page is tested in Chromium, and none starts here (${reason}).`);
    return undefined;
  }
}

async function launch(): Promise<Browser> {
  const args = ["--no-sandbox", "--font-render-hinting=none"];
  const own = process.env.CHROMIUM;
  if (own) return chromium.launch({ executablePath: own, args });
  const { LD_LIBRARY_PATH: libraries } = process.env;
  // Taken for a machine of the kind that it was packed for, the package unpacks system libraries too, which may be missing here.
  process.env.AWS_EXECUTION_ENV ??= "AWS_Lambda_nodejs20.x";
  const { default: packed } = await import("@sparticuz/chromium");
  const executablePath = await packed.executablePath();
  const fonts = join(tmpdir(), "fonts");
  if (existsSync(fonts)) process.env.FONTCONFIG_PATH ??= fonts;
  const env = definedOnly(process.env);
  if (libraries === undefined)
    delete process.env.LD_LIBRARY_PATH; // theirs are for the browser alone
  else process.env.LD_LIBRARY_PATH = libraries;
  return chromium.launch({ executablePath, args, env });
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

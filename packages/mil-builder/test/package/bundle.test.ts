/** The core entry as browsers get it: bundled, minified, without Node. The ceiling is the size that the README states. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { build } from "tsup";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "mil-builder-"));

async function bundle(format: "esm" | "iife"): Promise<string> {
  const outDir = join(directory, format);
  // Dependencies stay imports, which the first test below then finds.
  await build({
    config: false,
    entry: { index: join(root, "src/index.ts") },
    outDir,
    format,
    globalName: "mil",
    platform: "browser",
    target: "es2023",
    minify: true,
    silent: true,
    dts: false,
  });
  const files = readdirSync(outDir);
  expect(files).toHaveLength(1);
  return readFileSync(join(outDir, files[0]!), "utf8");
}

let modular = "";
let plain = "";
beforeAll(async () => {
  modular = await bundle("esm");
  plain = await bundle("iife");
});
afterAll(() => rmSync(directory, { recursive: true }));

test("imports nothing, of Node or otherwise", () => {
  expect(modular).not.toMatch(/["'`]node:/);
  expect(modular).not.toMatch(/(^|[;}\n])\s*import\b/);
  expect(modular).not.toMatch(/\brequire\(/);
});

test("is no larger than the README says", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, stated] = /at most (\d+) kB minified and gzipped/.exec(readme)!;
  const size = gzipSync(modular).byteLength / 1000;
  expect(size).toBeLessThanOrEqual(Number(stated));
  // A ceiling far above the size would state nothing.
  expect(size).toBeGreaterThan(0.8 * Number(stated));
});

test("builds, prints, parses, verifies and runs where there is nothing but the language", () => {
  const context = createContext({});
  runInContext("delete Error.captureStackTrace", context);
  runInContext(plain, context);
  const result: unknown = runInContext(
    `(() => {
      const { buildProgram, interpret, parse, print, runPasses, tensor, verify, writeBlobFile } = mil;
      const path = "@model_path/weights/w.bin";
      const program = runPasses(buildProgram({}, (f) => {
        const x = f.input("x", tensor("fp16", [1, 1, 1, 32]));
        const weight = f.blob("w", tensor("fp16", [1, 1, 1, 1]), path);
        return { y: f.conv({ x, weight }) };
      }));
      const weights = new Map([[path, writeBlobFile([{ dtype: "fp16", data: Uint16Array.of(0x4000) }])]]);
      const x = { type: tensor("fp16", [1, 1, 1, 32]), data: new Float32Array(32).fill(3) };
      const { y } = interpret(parse(print(program)), { x }, { weights, numerics: "fp16" });
      let message = "";
      try {
        buildProgram({}, (f) => ({ y: f.relu({ x: f.constant("c", tensor("int32", [1]), 1) }) }));
      } catch (error) {
        message = error.code;
      }
      return [verify(program, { chip: "m4" }).length, y.data[31], message].join();
    })()`,
    context,
  );
  expect(result).toBe("0,6,ERR_SHAPE");
});

/** Bundles page/ into generated/page.html: one file with its script and style inside, which refers to nothing else. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ["page/main.ts"],
  outdir: "generated",
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  target: "es2022",
  conditions: ["@ane/source"],
  // Modules of @ane/run-records that read files; the page uses none of them, which is checked below.
  external: ["node:*"],
  charset: "utf8",
  legalComments: "inline",
});
const textOf = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text.trim();
// An end tag inside would end the element.
const script = textOf(".js").replaceAll("</script", "<\\/script");
const style = textOf(".css");
if (/["'](node:|https?:\/\/(?!www\.w3\.org\/))/.test(script)) {
  throw new Error("page: must need nothing but itself, got an import or an address in its script.");
}

const template = readFileSync(`${root}/page/index.html`, "utf8");
const html = template.replace("/* style */", () => style).replace("/* script */", () => script);
mkdirSync(`${root}/generated`, { recursive: true });
writeFileSync(`${root}/generated/page.html`, html);

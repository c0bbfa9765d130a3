/**
 * Lays the pages of the site out in generated/site: docs/, the READMEs and what lies beside them. Files keep their places in the
 * repository, where their links work as they are; here links between pages become the site's, links to other files become
 * text, and a link to nothing is an error.
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { home } from "../.vitepress/home.mjs";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const site = join(repository, "docs/generated/site");
const ROOTS = ["docs", "packages", "apps", "benchmarks", "examples"];
const SKIPPED = new Set([
  "node_modules",
  "dist",
  "build",
  "generated",
  "prebuilds",
  "fixtures",
  "golden",
  "arm64-root",
]);

/** Of a file of the repository, its place in the site. */
function sitePath(file) {
  return file.replace(/^docs\//, "").replace(/(^|\/)README\.md$/, "$1index.md");
}

function* markdownFiles(folder) {
  for (const entry of readdirSync(join(repository, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && !SKIPPED.has(entry.name) && !entry.name.startsWith("."))
      yield* markdownFiles(path);
    else if (entry.name.endsWith(".md") && entry.name !== "CHANGELOG.md") yield path;
  }
}

const pages = new Map(
  ROOTS.flatMap((root) => [...markdownFiles(root)]).map((file) => [file, sitePath(file)]),
);
// The site has a front page of its own: .vitepress/home.mjs
for (const file of ["README.md", "docs/README.md"]) pages.set(file, "index.md");
const problems = [];

/** @param target As the link has it. @returns What the link becomes; undefined for none. */
function siteLink(file, target, isImage) {
  const [path, hash] = target.split("#");
  const found = normalize(join(dirname(file), decodeURI(path))).replace(/\/$/, "");
  const absolute = join(repository, found);
  if (!existsSync(absolute)) {
    problems.push(`${file}: a link must lead to a file, got ${target}.`);
    return undefined;
  }
  const page = statSync(absolute).isDirectory() ? `${found}/README.md` : found;
  const from = dirname(sitePath(file));
  if (isImage) {
    const place = sitePath(found);
    mkdirSync(join(site, dirname(place)), { recursive: true });
    copyFileSync(absolute, join(site, place));
    return dotted(relative(from, place));
  }
  const place = pages.get(page);
  if (place && hash && !anchorsOf(page).has(hash)) {
    problems.push(`${file}: a link must lead to a heading, got ${target}.`);
  }
  return place && dotted(relative(from, place)) + (hash ? `#${hash}` : "");
}

/** Of the headings of a page, as the site and code hosts name them. */
function anchorsOf(page) {
  const text = readFileSync(join(repository, page), "utf8").replace(/^```[\s\S]*?^```/gm, "");
  return new Set(
    [...text.matchAll(/^#+ +(.*)$/gm)].map(([, title]) =>
      title
        .toLowerCase()
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .replace(/[^\p{L}\p{N}_ -]/gu, "")
        .trim()
        .replace(/[ -]+/g, "-"),
    ),
  );
}

const dotted = (path) => (path.startsWith(".") ? path : `./${path}`);

function withSiteLinks(file, text) {
  let isCode = false;
  return text
    .split("\n")
    .map((line) => {
      if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
      if (isCode || line.startsWith("    ")) return line;
      // Code spans stay as they are; in the rest, double braces would be taken for Vue's.
      return line
        .replace(
          /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)/g,
          (whole, image, label, target) => {
            if (/^([a-z]+:|#)/.test(target)) return whole;
            const link = siteLink(file, target, image !== "");
            return link === undefined ? label : `${image}[${label}](${link})`;
          },
        )
        .replace(/(`[^`]*`)|\{\{/g, (_braces, code) => code ?? "&#123;&#123;");
    })
    .join("\n");
}

rmSync(site, { recursive: true, force: true });
for (const [file, place] of pages) {
  const page = withSiteLinks(file, readFileSync(join(repository, file), "utf8"));
  if (place === "index.md") continue;
  mkdirSync(dirname(join(site, place)), { recursive: true });
  writeFileSync(join(site, place), page);
}
writeFileSync(join(site, "index.md"), `---\n${JSON.stringify(home)}\n---\n`); // YAML has JSON in it
// The front page names its picture by an address of the site.
cpSync(join(repository, "docs/images"), join(site, "public/images"), { recursive: true });
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
}

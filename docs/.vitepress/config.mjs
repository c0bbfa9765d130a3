/** The site: what it shows and in which order. Its pages are collected and generated before (see package.json). */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";

const site = fileURLToPath(new URL("../generated/site/", import.meta.url));

/** Of pages that are there. */
const items = (pages) =>
  Object.entries(pages)
    .filter(([, link]) => existsSync(`${site}${link.replace(/\/$/, "/index")}.md`))
    .map(([text, link]) => ({ text, link: `/${link}` }));

const API = [
  "mil-builder",
  "mil-builder/autodiff",
  "mil-builder/mlpackage",
  "ane-runtime",
  "ane-runtime/selftest",
  "accel-ops",
  "llama-model",
  "tokenizer-data",
  "trainer",
  "run-records",
  "web-dashboard",
  "mpi",
];
const PACKAGES = [
  "mil-builder",
  "ane-runtime",
  "accel-ops",
  "llama-model",
  "tokenizer-data",
  "trainer",
  "run-records",
  "web-dashboard",
  "mpi",
];

export default defineConfig({
  title: "ane",
  description: "Train transformers on Apple's Neural Engine, from TypeScript",
  srcDir: "generated/site",
  outDir: "generated/html",
  cleanUrls: true,
  lastUpdated: false,
  markdown: { html: false, theme: { light: "github-light", dark: "github-dark" } },
  themeConfig: {
    search: {
      provider: "local",
      // Guides before the reference.
      options: {
        miniSearch: {
          searchOptions: { boostDocument: (page) => (page.startsWith("/api/") ? 0.3 : 1) },
        },
      },
    },
    outline: { level: [2, 3] },
    nav: [
      { text: "Get started", link: "/get-started" },
      { text: "Guides", link: "/guides/train-on-your-text", activeMatch: "^/guides/" },
      { text: "Kernels", link: "/kernels" },
      { text: "Benchmarks", link: "/benchmarks/RESULTS" },
      { text: "API", link: "/api/", activeMatch: "^/api/" },
    ],
    sidebar: [
      {
        text: "Start",
        items: items({
          "Get started": "get-started",
          "The command line": "apps/cli/",
          "The dashboard": "dashboard",
          "Records of runs": "records",
        }),
      },
      {
        text: "Guides",
        items: items({
          "Train on your text": "guides/train-on-your-text",
          "Stop, resume, survive": "guides/resume",
          "Export a model": "guides/export",
          "Author a kernel": "guides/author-a-kernel",
          "Your own layer": "your-own-layer",
          "Write a device": "guides/write-a-device",
        }),
      },
      {
        text: "How it works",
        items: items({
          Architecture: "architecture",
          "The six kernels": "kernels",
          "Two pipelines": "pipelines",
          "Derived gradients": "autodiff",
          "Derived kernels": "derive",
          "AdamW on the device": "device-optimizer",
          "Several processes": "distributed",
        }),
      },
      {
        text: "The Neural Engine",
        items: items({
          "What is known, and from where": "ane-facts",
          "The device": "ane",
          "Time on each chip": "plan",
          "Rules of the verifier": "packages/mil-builder/docs/verifier-rules",
          Numerics: "packages/mil-builder/docs/numerics",
        }),
      },
      {
        text: "Reference",
        items: [
          ...items({
            Results: "benchmarks/RESULTS",
            "How it is measured": "benchmarks/",
            "Ops of MIL": "packages/mil-builder/docs/op-reference",
            "Gradients of ops": "packages/mil-builder/docs/autodiff",
            Examples: "examples/",
          }),
          {
            text: "Packages",
            collapsed: true,
            items: items(
              Object.fromEntries(PACKAGES.map((name) => [`@ane/${name}`, `packages/${name}/`])),
            ),
          },
          {
            text: "API",
            collapsed: true,
            items: items(
              Object.fromEntries(API.map((name) => [`@ane/${name}`, `api/@ane/${name}`])),
            ),
          },
        ],
      },
    ],
  },
});

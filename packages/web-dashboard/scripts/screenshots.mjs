/**
 * The pictures of the documentation, from real runs: `node scripts/screenshots.mjs RUNS RUN OTHER`, after a build. Shows RUN
 * in the dark, RUN and OTHER compared in the light, and RUN on a phone; writes docs/images/dashboard-*.png.
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import packed from "@sparticuz/chromium";
import { chromium } from "playwright-core";
import { serveDashboard } from "../dist/index.js";

const [runs, run, other] = process.argv.slice(2);
const images = fileURLToPath(new URL("../../../docs/images/", import.meta.url));
mkdirSync(images, { recursive: true });

const executablePath = process.env.CHROMIUM ?? (await packed.executablePath());
process.env.FONTCONFIG_PATH ??= "/tmp/fonts"; // where the package unpacks its own
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const dashboard = await serveDashboard({ runs, port: 0 });

const shots = [
  { name: "dashboard-dark", open: [run], scheme: "dark", width: 1200, height: 1130, scale: 1 },
  {
    name: "dashboard-compare",
    open: [run, other],
    scheme: "light",
    width: 1100,
    height: 800,
    scale: 1,
  },
  { name: "dashboard-phone", open: [run], scheme: "dark", width: 390, height: 844, scale: 1 },
];
for (const { name, open, scheme, width, height, scale } of shots) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    deviceScaleFactor: scale,
  });
  const page = await context.newPage();
  await page.goto(`${dashboard.url}#${new URLSearchParams(open.map((id) => ["run", id]))}`);
  await page.locator(".loss canvas").waitFor();
  await page.waitForTimeout(1500);
  if (name === "dashboard-dark") {
    const chart = await page.locator(".loss .u-over").boundingBox();
    await page.mouse.move(chart.x + 0.4 * chart.width, chart.y + 0.35 * chart.height);
  }
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${images}${name}.png` });
  await context.close();
}
await browser.close();
await dashboard.close();

/** The page in a real browser, beside a real training run that is killed, resumed and never told of. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { serveDashboard } from "../src/index.js";
import { openBrowser } from "./support/open-browser.js";
import { runEvent, stepEvents, temporaryFolder, writeRun } from "./support/run-folder.js";

const browser: Browser | undefined = await openBrowser();

afterAll(() => browser?.close());

/** A page whose console, errors and requests are watched. */
async function openPage(url: string, width = 1280, height = 900) {
  const context = await browser!.newContext({ viewport: { width, height } });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const requested = new Set<string>();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requested.add(new URL(request.url()).origin));
  await page.goto(url);
  return { page, complaints, requested };
}

const tile = (page: Page, label: string) =>
  page.locator(".tile", { hasText: label }).locator(".tile-value");

const pressed = (page: Page, name: string) =>
  page.getByRole("button", { name, exact: true, pressed: true });

/** Micro-steps that the page tells of. */
async function stepOf(page: Page): Promise<number> {
  return Number((await tile(page, "Micro-steps").textContent())?.replaceAll(",", ""));
}

async function stepAbove(page: Page, step: number): Promise<number> {
  await expect.poll(() => stepOf(page), { timeout: 20_000 }).toBeGreaterThan(step);
  return stepOf(page);
}

async function serve(runs: string, port = 0) {
  const dashboard = await serveDashboard({ runs, port });
  onTestFinished(() => dashboard.close());
  return dashboard;
}

function startTraining(folder: string, ...flags: string[]): ChildProcess {
  const script = fileURLToPath(new URL("support/train-child.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, folder, ...flags], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

describe.skipIf(!browser)("the page", () => {
  it("follows a run through planned restarts, a kill and a resume, and a restart of its server", async () => {
    const runs = join(temporaryFolder(), "runs");
    const folder = join(runs, "mine");
    const first = await serve(runs);
    const { page, complaints, requested } = await openPage(first.url);
    await page.getByText("No runs yet").waitFor();

    const child = startTraining(folder);
    await page.locator(".run-header h1", { hasText: "mine" }).waitFor({ timeout: 30_000 });
    await page.locator(".pill[data-status=running]").waitFor();
    const started = await stepAbove(page, 0);
    await stepAbove(page, started + 60); // at least one planned restart
    await page.locator(".log", { hasText: "went on in a fresh process" }).waitFor();
    expect(Number(await tile(page, "Training loss").textContent())).toBeLessThan(5);
    expect(Number(await tile(page, "Validation loss").textContent())).toBeLessThan(5);

    child.kill("SIGKILL");
    await page.locator(".pill[data-status=dead]").waitFor({ timeout: 20_000 });
    const killed = await stepOf(page);
    startTraining(folder, "--resume");
    await page.locator(".pill[data-status=running]").waitFor({ timeout: 30_000 });
    await page.locator(".log", { hasText: "resumed from" }).waitFor();
    await stepAbove(page, killed);
    expect(complaints).toEqual([]);

    await first.close();
    await page.locator(".connection[data-state=lost]").waitFor();
    const lost = await stepOf(page);
    await serve(runs, first.port);
    await page.locator(".connection[data-state=live]").waitFor({ timeout: 20_000 });
    await stepAbove(page, lost);
    const others = complaints.filter(
      (text) => !/ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED)/.test(text),
    );
    expect(others).toEqual([]);
    expect([...requested]).toEqual([`http://127.0.0.1:${first.port}`]);
    expect(readFileSync(join(folder, "events.jsonl"), "utf8")).toContain('"type":"restart"');
  }, 120_000);

  it("says that a run is not there, and shows nothing else; shortens long names beside others", async () => {
    const runs = temporaryFolder();
    const long = `one-${"x".repeat(80)}-end`;
    for (const name of ["one", long]) writeRun(runs, name, [runEvent(), ...stepEvents(1, 50)]);
    const dashboard = await serve(runs);
    const { page } = await openPage(`${dashboard.url}#run=two`);
    await page.getByText("There is no run of this name.").waitFor();
    expect(await page.locator("main .panel").filter({ visible: true }).count()).toBe(0);
    await page.goto(`${dashboard.url}#run=one&run=${long}`);
    await page
      .locator(".compare-panel th", { hasText: /^one-x+…x+-end$/ })
      .first()
      .waitFor();
    // Without a box while it is drawn anew.
    const width = async () => (await page.locator(".legend .name").last().boundingBox())?.width;
    await expect.poll(width, { timeout: 10_000 }).toBeLessThan(300);
  });

  it("compares runs, and remembers them in its address", async () => {
    const runs = temporaryFolder();
    writeRun(runs, "one", [runEvent(), ...stepEvents(1, 50)]);
    writeRun(runs, "two", [runEvent(), ...stepEvents(1, 80)]);
    const { page, complaints } = await openPage((await serve(runs)).url);
    await page.getByRole("button", { name: "Compare one" }).waitFor();
    for (const name of ["one", "two"]) {
      const box = page.getByRole("button", { name: `Compare ${name}` });
      if ((await box.getAttribute("aria-pressed")) === "false") await box.click();
    }
    await page.getByText("2 runs compared").waitFor();
    await page.locator("tr", { hasText: "training loss" }).locator("td.best").waitFor();
    await page.getByText("The configurations are equal.").waitFor();
    await page.reload();
    await page.getByText("2 runs compared").waitFor();
    expect(new URLSearchParams(new URL(page.url()).hash.slice(1)).getAll("run").toSorted()).toEqual(
      ["one", "two"],
    );
    expect(complaints).toEqual([]);
  });

  it("obeys its keys, and zooms", async () => {
    const runs = temporaryFolder();
    const sample = (step: number) => ({
      type: "sample",
      step,
      prompt: "Once",
      text: `Once at ${step}`,
    });
    writeRun(runs, "one", [
      runEvent(),
      ...stepEvents(1, 50),
      sample(50),
      ...stepEvents(51, 90),
      sample(90),
    ]);
    const { page, complaints } = await openPage((await serve(runs)).url);
    await page.locator("blockquote", { hasText: "Once at 90" }).waitFor();
    await page.keyboard.press("[");
    await page.locator("blockquote", { hasText: "Once at 50" }).waitFor();
    await page.keyboard.press("y");
    await pressed(page, "log y").waitFor();
    await page.keyboard.press("t");
    expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("light");
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    const chart = (await page.locator(".loss .u-over").boundingBox())!;
    await page.mouse.move(chart.x + 0.2 * chart.width, chart.y + 50);
    await page.locator(".loss .tip").waitFor();
    await page.mouse.down();
    await page.mouse.move(chart.x + 0.6 * chart.width, chart.y + 60, { steps: 4 });
    await page.mouse.up();
    await pressed(page, "all").waitFor({ state: "detached" });
    await page.keyboard.press("0");
    await pressed(page, "all").waitFor();
    expect(complaints).toEqual([]);
  });

  it("gets the points of what is zoomed into", async () => {
    const runs = temporaryFolder();
    writeRun(runs, "long", [runEvent(), ...stepEvents(1, 30_000)]);
    const { page, complaints } = await openPage((await serve(runs)).url);
    await stepAbove(page, 29_999);
    const chart = (await page.locator(".loss .u-over").boundingBox())!;
    const asked = page.waitForResponse((answer) => answer.url().includes("/api/curves?"));
    await page.mouse.move(chart.x + 0.3 * chart.width, chart.y + 50);
    await page.mouse.down();
    await page.mouse.move(chart.x + 0.34 * chart.width, chart.y + 50, { steps: 4 });
    await page.mouse.up();
    const { loss } = (await (await asked).json()) as { loss: number[][] };
    expect(loss[0]!.length).toBeGreaterThan(1000); // all of some 1200; before, 120 of them
    expect(loss[0]!.at(-1)! - loss[0]![0]!).toBe(loss[0]!.length - 1);
    expect(complaints).toEqual([]);
  });

  it("fits a phone", async () => {
    const runs = temporaryFolder();
    const name = "a-run-with-a-long-name-that-has-no-space-in-it-2026-11-23-01-02-03";
    writeRun(runs, name, [runEvent(), ...stepEvents(1, 50)]);
    const { page } = await openPage((await serve(runs)).url, 360, 640);
    await stepAbove(page, 0);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
  });

  it("shows what a run says as text, never as markup", async () => {
    const runs = temporaryFolder();
    const evil = "<img src=x onerror=alert(1)>";
    const sample = { type: "sample", step: 2, prompt: evil, text: `${evil} and on` };
    writeRun(runs, evil.replaceAll("/", ""), [runEvent(), ...stepEvents(1, 3), sample]);
    const { page, complaints } = await openPage((await serve(runs)).url);
    await page.locator("blockquote", { hasText: "onerror" }).waitFor();
    expect(await page.locator("img").count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});

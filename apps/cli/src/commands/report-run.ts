/** Runs `ane report`. */
import { basename } from "node:path";
import {
  readRun,
  reportContent,
  reportHtml,
  reportMarkdown,
  runNumbers,
  writeWholeFile,
} from "@ane/run-records";
import { type Context, userPath } from "../context.js";
import { expectFilePlace } from "../places.js";
import { namedRun } from "./named-run.js";
import type { ReportFlags } from "./report.js";

export async function runReport(
  this: Context,
  { html, md, json }: ReportFlags,
  name = "",
): Promise<void> {
  const page = html === undefined ? undefined : userPath(this, html);
  const text = md === undefined ? undefined : userPath(this, md);
  if (page !== undefined) expectFilePlace("--html", page);
  if (text !== undefined) expectFilePlace("--md", text);
  const run = await readRun(namedRun(this, name));
  const content = reportContent(run);
  const files = new Map<string, string>();
  if (page !== undefined) files.set(page, reportHtml(content));
  if (text !== undefined) {
    const picture = `${text.replace(/\.(md|markdown)$/i, "")}.svg`;
    files.set(text, reportMarkdown(content, basename(picture)));
    files.set(picture, `${content.chart}\n`);
  }
  for (const [path, content] of files) await writeWholeFile(path, [content]);
  const { stdout } = this.process;
  if (json) {
    const { directory, id, status, config, state } = run;
    const { samples, run: facts, times } = state;
    const numbers = runNumbers(state);
    const summary = { directory, id, status, config, run: facts, numbers, times, samples };
    stdout.write(`${JSON.stringify({ ...summary, files: [...files.keys()] })}\n`);
  } else if (files.size > 0) {
    for (const path of files.keys()) stdout.write(`wrote ${path}\n`);
  } else {
    stdout.write(reportMarkdown(content));
  }
}

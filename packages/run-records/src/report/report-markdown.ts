/** A report as Markdown, with its chart as a picture beside it. */
import type { ReportContent, ReportSection } from "./report-content.js";

/** @param chartPath Of the SVG file, relative to the Markdown file; without it there is no picture. */
export function reportMarkdown(
  { title, status, chart: _chart, sections, samples, settings }: ReportContent,
  chartPath?: string,
): string {
  const blocks = [
    `# ${text(title)}`,
    `Status: ${status}.`,
    ...(chartPath === undefined ? [] : [`![Loss over micro-steps](${encodeURI(chartPath)})`]),
    ...sections.map(section),
    ...(samples.length === 0 ? [] : ["## Samples"]),
    ...samples.map(
      ({ step, prompt, text: said }) =>
        `Micro-step ${step}, prompt ${JSON.stringify(prompt)}:\n\n${said.replace(/^/gm, "    ")}`,
    ),
    section(settings),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function section({ title, rows }: ReportSection): string {
  const lines = rows.map(([label, value]) => `| ${text(label)} | ${text(value)} |`);
  return [`## ${title}`, "", "|  |  |", "| --- | --- |", ...lines].join("\n");
}

/** In a cell of a table: nothing in it is markup. */
function text(value: string): string {
  return value.replace(/[\s\p{Cc}]+/gu, " ").replace(/[\\`*_{}[\]<>|#]/g, "\\$&");
}

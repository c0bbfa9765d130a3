/** A report as one HTML file that needs nothing else. */
import { escapeMarkup } from "./markup.js";
import type { ReportContent, ReportSection, Row } from "./report-content.js";

const STYLE = `
:root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--ink:#111827;--soft:#6b7280;--rule:#e5e7eb;--mark:#2563eb}
@media (prefers-color-scheme:dark){:root{--back:#0b0f17;--card:#131a26;--ink:#e5e7eb;--soft:#9ca3af;--rule:#263041;--mark:#60a5fa}}
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:940px;margin:0 auto;padding:32px 20px 64px}h1{font-size:26px;margin:0 0 4px;overflow-wrap:anywhere}h2{font-size:17px;margin:0 0 10px}
.status{color:var(--soft);margin:0 0 20px}.status b{color:var(--mark);font-weight:600}
.headline{display:flex;flex-wrap:wrap;gap:12px;margin:0 0 16px}.headline div{flex:1 1 130px;background:var(--card);border:1px solid var(--rule);border-radius:12px;padding:12px 16px}
.headline b{display:block;font-size:23px;font-variant-numeric:tabular-nums}.headline span{color:var(--soft);font-size:13px}
section,figure{background:var(--card);border:1px solid var(--rule);border-radius:12px;padding:18px 20px;margin:0 0 16px}figure{padding:12px 8px}figure svg{display:block;width:100%}
table{border-collapse:collapse;width:100%}td{padding:4px 0;border-top:1px solid var(--rule);vertical-align:top}tr:first-child td{border-top:0}
td:first-child{color:var(--soft);padding-right:20px;width:40%}td:last-child{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--back);border-radius:8px;padding:12px 14px;margin:4px 0 16px;font:13px/1.5 ui-monospace,monospace}
.columns{columns:2 380px;column-gap:16px;margin:0 0 16px}.columns section{break-inside:avoid}.columns section:last-child{margin:0}summary{cursor:pointer;font-weight:600;font-size:17px}details table{margin-top:12px}.said{color:var(--soft);margin:0}
@media print{body{background:none}section,figure,.headline div{break-inside:avoid}}
`.trim();

export function reportHtml({
  title,
  status,
  headline,
  chart,
  sections,
  samples,
  settings,
}: ReportContent): string {
  const cards = headline.map(
    ([label, value]) =>
      `<div><b>${escapeMarkup(value)}</b><span>${escapeMarkup(label)}</span></div>`,
  );
  const said = samples.map(
    ({ step, prompt, text }) =>
      `<p class="said">micro-step ${step}, prompt “${escapeMarkup(prompt)}”</p><pre>${escapeMarkup(text)}</pre>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeMarkup(title)}</h1>
<p class="status"><b>${status}</b></p>
<div class="headline">${cards.join("")}</div>
<figure>
${chart}
</figure>
<div class="columns">
${sections.map(section).join("\n")}
</div>
${said.length === 0 ? "" : `<section><h2>Samples</h2>${said.join("")}</section>\n`}<section><details><summary>${settings.title}</summary>${table(settings.rows)}</details></section>
</main>
</body>
</html>
`;
}

function section({ title, rows }: ReportSection): string {
  return `<section><h2>${title}</h2>${table(rows)}</section>`;
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ([label, value]) => `<tr><td>${escapeMarkup(label)}</td><td>${escapeMarkup(value)}</td></tr>`,
  );
  return `<table>${lines.join("")}</table>`;
}

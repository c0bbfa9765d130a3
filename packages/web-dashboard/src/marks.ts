/** How far a page is in each run, as the id of a server-sent event: "began.rewinds.step.name" with spaces between the runs. */
import type { Mark } from "./run-frame.js";

export function formatMarks(marks: ReadonlyMap<string, Mark>): string {
  return [...marks]
    .map(
      ([run, { began, rewinds, step }]) => `${began}.${rewinds}.${step}.${encodeURIComponent(run)}`,
    )
    .join(" ");
}

/** What is not of this form is passed over: the page then gets everything. */
export function parseMarks(text: string): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const part of text.split(" ")) {
    const found = /^(\d{1,16})\.(\d{1,9})\.(\d{1,16})\.([\w.!~*'()%-]+)$/.exec(part);
    if (!found) continue;
    const [began, rewinds, step] = found.slice(1, 4).map(Number) as [number, number, number];
    try {
      marks.set(decodeURIComponent(found[4]!), { began, rewinds, step });
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
    }
  }
  return marks;
}

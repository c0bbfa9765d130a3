/** Numbers as people read them. */
export { formatBytes, formatCount, formatDuration, formatMs } from "@ane/run-records";

/** 90 s → "1 min ago"; a time in the future, as by another machine's clock, counts as now. */
export function formatAge(milliseconds: number): string {
  for (const [unit, name] of [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
  ] as const) {
    if (milliseconds >= unit) return `${Math.floor(milliseconds / unit)} ${name} ago`;
  }
  return "now";
}
